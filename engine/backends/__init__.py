"""What implements ``engine.backend.Backend``: ``cpu`` in NumPy, ``wgpu`` in compute shaders; and what both have in common."""
