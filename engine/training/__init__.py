"""The parts of ``engine.trainer``."""
