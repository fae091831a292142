"""Training, without any terminal.

``worker`` is where it begins: it reads ``commands`` and answers with ``events``. ``trainer``, whose parts are in ``training``, turns
hyperparameters, data and a device into a model and events; ``jobs`` are trainings without a run, for a ``sweep``, which starts workers.

What is trained: ``hyperparameters`` and ``presets``; ``network``, the shapes; ``data``, from its address to what a network sees of it.
What trains: ``backend`` and ``steps``, which ``backends`` implement and take; ``devices`` finds them, and ``benchmark`` measures them.
What is kept: a ``model`` in its ``model_file``; ``runs``, directories with a ``checkpoint``; ``storage``, files that are whole; ``export``.
What is said: ``evaluation`` and ``statistics``; ``insight``, which looks into a network; ``hints``, while it is trained.
"""

import os

# BLAS reads it when NumPy is imported. Its own threads are never wanted (``backends/cpu/threads.py`` says why) and take time to start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
