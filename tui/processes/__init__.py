"""The processes that the dashboard starts: how they begin, speak, fall silent and end, also on another machine."""
