"""Tables: rows in batches, by selection or by column, in memory or on disk; and which rows are alike."""
