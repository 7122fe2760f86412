"""Fitting models: what one fit is, who makes it (backends), in which order, and the ledger of what was made."""
