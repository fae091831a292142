"""One line: what training would gain from, and the key that shows the change. Takes no room while there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static

from engine.events import Hint
from tui.dashboard import dashboard
from tui.runs.view import RunView
from tui.wording import capitalised


class HintLine(Static):
    DEFAULT_CSS = """
    HintLine {
        height: 1;
        padding: 0 1;
        display: none;
        text-wrap: nowrap;
        text-overflow: ellipsis;

        &.-shown {
            display: block;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._pending: list[Hint] = []
        self._answered: list[Hint] = []

    @property
    def latest(self) -> Hint | None:
        """The latest of the run's hints that were not answered yet."""
        return self._pending[-1] if self._pending else None

    def answered(self, hint: Hint) -> None:
        """The hint is not shown any more."""
        self._answered.append(hint)

    def show(self, run: RunView | None, has_fix: Callable[[Hint], bool]) -> None:
        self._pending = [hint for hint in run.hints if hint not in self._answered] if run else []
        self.set_class(bool(self._pending), "-shown")
        if latest := self.latest:
            key = f"{dashboard(self).key('train.fix')} {'fix' if has_fix(latest) else 'read'}"
            more = f" (and {len(self._pending) - 1} more)" if len(self._pending) > 1 else ""
            self.update(Content.assemble(("▲ ", "$text-warning"), (key, "bold $text-accent"), f"  {capitalised(latest.message)}{more}"))
