"""Hyperparameter search over shared folds."""
