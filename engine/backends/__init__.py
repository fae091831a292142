"""What implements ``engine.backend.Backend``: ``cpu`` in NumPy, ``wgpu`` in compute shaders; and the plans by which they train."""
