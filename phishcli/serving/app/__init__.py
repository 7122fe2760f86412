"""The service over HTTP: an application made from settings and a data plane; it knows nothing of models."""
