"""What is said about a run while it is trained: ``adviser`` listens to its events and asks the rules in ``rules``, ``rate`` and ``fit``."""
