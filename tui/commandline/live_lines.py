"""Lines that stay, and below them, on a terminal only, one that says how far it is."""

from __future__ import annotations

import os
import shutil
import sys

import click

DUMB = "dumb"
"""What a terminal calls itself that cannot take a line back, that of an editor for example."""


class LiveLines:
    """Lines on stdout; the status and notes on stderr."""

    def __init__(self) -> None:
        self._is_live = sys.stderr.isatty() and os.environ.get("TERM") != DUMB

    def line(self, text: str) -> None:
        self.clear()
        click.echo(text)

    def note(self, text: str) -> None:
        self.clear()
        click.echo(f"Note: {text}", err=True)

    def status(self, text: str) -> None:
        """Shows a line that the next one takes the place of, on a terminal."""
        if self._is_live:
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"\r{text[:width]}\x1b[K", nl=False, err=True)

    def clear(self) -> None:
        """Takes the status away."""
        if self._is_live:
            click.echo("\r\x1b[K", nl=False, err=True)
