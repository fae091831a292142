"""Hyperparameters: ``definitions`` has every one, with those of ``optimization`` and ``regularization``; ``choices`` are what some choose
among. ``configuration`` reads and writes them, ``table`` is what forms and tables show.
"""
