"""The parts of the app, each for one matter that concerns all screens."""
