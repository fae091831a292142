"""Themes, and colours that can be told apart and read."""
