"""The directories of runs: ``run`` is one, ``recorder`` writes it, ``names`` says where they are; the rest is what is done with them."""
