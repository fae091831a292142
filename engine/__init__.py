"""Training, without any terminal."""

import os

# BLAS reads it when NumPy is imported. Its own threads are never wanted (``backends/cpu/team.py`` says why), and starting them takes time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
