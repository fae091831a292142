"""A digit of one's own: strokes, files, and what a network sees of it."""
