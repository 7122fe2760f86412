"""SQLite, CSV and Parquet into Arrow, without changing a value."""
