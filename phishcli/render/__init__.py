"""Results as terminal output, text, HTML and charts."""
