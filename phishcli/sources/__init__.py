"""Where a table comes from: files, addresses, the built-in sample; found, identified, and read in batches."""
