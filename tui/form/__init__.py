"""What is in the form of hyperparameters, and what follows from it."""
