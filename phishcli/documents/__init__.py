"""What stages pass on: typed, frozen documents, each with a format number."""
