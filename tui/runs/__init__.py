"""Runs as the screens see them, and what is done to them."""
