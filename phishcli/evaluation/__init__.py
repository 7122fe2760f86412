"""Metrics, intervals and the selection of a model."""
