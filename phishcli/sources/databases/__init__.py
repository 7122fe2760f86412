"""Databases: one query, read in batches into one Parquet file, through the driver that is installed."""
