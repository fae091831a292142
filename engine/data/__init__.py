"""Data sets on their way: fetched or drawn, loaded, divided into parts, and preprocessed into what a network sees."""
