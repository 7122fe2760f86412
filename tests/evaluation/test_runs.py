"""What is kept of a run, and how two of them differ."""
