"""A sweep: what is entered for it, how it goes, and what it has found."""
