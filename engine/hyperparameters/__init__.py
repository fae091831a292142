"""Hyperparameters: ``definitions`` has every one, ``configuration`` reads and writes them, ``table`` is what forms and tables show."""
