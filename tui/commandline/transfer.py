"""Shows how far fetching is: notes, and on a terminal a bar for each file, on stderr."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

MEGABYTE = 1e6


class Transfer:
    """An ``engine.data.fetching.Watcher``."""

    def __init__(self) -> None:
        self._is_live = sys.stderr.isatty()
        self._shown: tuple[str, int] | None = None
        self._done = 0
        self._bar: ProgressBar[int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def progress(self, file: str, done: int, total: int | None) -> None:
        if not self._is_live or not total:
            return
        if self._shown != (file, total) or done < self._done:
            self._end()
            self._bar = click.progressbar(
                length=total,
                label=f"{file} ({total / MEGABYTE:.2f} MB)",
                file=sys.stderr,
                width=20,
                show_percent=True,
                update_min_steps=max(total // 200, 1),
            )
            self._shown, self._done = (file, total), 0
            self._bar.render_progress()
        assert self._bar is not None
        self._bar.update(done - self._done)
        self._done = done
        if done == total:
            self._end()

    def note(self, text: str) -> None:
        self._end()
        click.echo(f"Note: {text}", err=True)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
        self._bar = self._shown = None
