"""What the hyperparameter search costs and finds, against scikit-learn's ``RandomizedSearchCV``."""
