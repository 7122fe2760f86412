"""The stages: values in, values out; no paths, no printing."""
