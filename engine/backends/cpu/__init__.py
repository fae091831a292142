"""The NumPy backend: ``backend`` is its front, ``passes`` its heart, ``threads`` share its work, each with a ``batch_share``."""
