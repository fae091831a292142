"""Lines that stay, and below them, on a terminal only, one that says how far it is."""

from __future__ import annotations

import shutil
import sys

import click


class LiveLines:
    """Lines on stdout; the status and notes on stderr."""

    def __init__(self) -> None:
        self._is_live = sys.stderr.isatty()

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
