"""Looks into a trained network, in NumPy. It knows no runs."""
