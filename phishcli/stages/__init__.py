"""The six stages: values in, values out; no paths, no printing."""
