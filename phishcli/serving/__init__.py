"""Models at work: the bundle that takes raw rows and gives verdicts."""
