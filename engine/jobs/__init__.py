"""Trainings without a run, for sweeps: one (``job``), or many (``group``), where the device can, at once (``population``)."""
