"""What can train trials: each module holds a class that implements ``engine.sweep.executor.Executor``."""
