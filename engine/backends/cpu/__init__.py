"""The NumPy backend: ``backend`` is its front, ``passes`` its heart, ``team`` and ``lane`` share its work among threads."""
