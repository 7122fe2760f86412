"""Models that are put together from others, by their out-of-fold predictions: no fit of a member is repeated."""
