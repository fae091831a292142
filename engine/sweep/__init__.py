"""Automatic hyperparameter optimisation: trials of hyperparameters, trained by executors, suggested by Optuna, kept in a study file."""
