"""The test digits, and what a model makes of them."""
