"""Style sheets before they are needed: with each that is new, Textual goes through all of them and all widgets again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.app import App

SCREENS = Path(__file__).parent / "screens"


def read_ahead(app: App[Any]) -> None:
    """Reads those of screens and dialogues that were not shown yet."""
    for path in sorted(SCREENS.glob("*.tcss")):
        if not app.stylesheet.has_source(str(path), ""):
            app.stylesheet.read(path)
