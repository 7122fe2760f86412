"""The roles of columns and their encoding: one code for training and prediction."""
