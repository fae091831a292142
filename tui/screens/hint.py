"""A dialogue with what is amiss, and the change that would help, before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.events import Hint
from engine.hyperparameters.table import HYPERPARAMETERS
from tui.bindings import rebound
from tui.dashboard import dashboard
from tui.form.draft import Draft, shown
from tui.glossary import term_of_hint
from tui.screens.dialogue import Dialogue
from tui.screens.glossary import GlossaryScreen
from tui.widgets.key_hints import key_hints
from tui.wording import capitalised

Change = tuple[str, str, str, bool]
"""A hyperparameter, its value in the form, the one that would help, and whether it changes in the run in hand too."""
Answer = Literal["apply", "ignore"]
TITLES = {"dead_units": "dead neurons"}
"""Of the kinds of hints that the protocol names in other words than the dashboard."""


class HintPreview(Dialogue[Answer | None]):
    """Gives the answer, or None where it is put off."""

    DEFAULT_CSS = """
    HintPreview .changes {
        margin-top: 1;
    }
    """
    BINDINGS = [
        Binding("enter", "answer('apply')", "Apply", show=False),
        Binding("x", "answer('ignore')", "Ignore", show=False),
        rebound("train.fix", "dismiss"),
        rebound("app.explain", "explain"),
    ]

    def __init__(self, hint: Hint, changes: Sequence[Change]) -> None:
        super().__init__()
        self._hint, self._changes = hint, changes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue") as box:
            box.border_title = f"Hint: {title(self._hint.kind)}"
            yield Static(capitalised(self._hint.message), classes="message", markup=False)
            if self._changes:
                yield Static(Content("\n").join(map(_described, self._changes)), classes="changes")
            elif self._hint.changes:
                yield Static("The form has what would help already.", classes="changes")
            apply = [("Enter", "apply")] if self._changes else []
            explain = [(dashboard(self).key("app.explain"), "explain")] if term_of_hint(self._hint.kind) else []
            yield Static(key_hints(*apply, *explain, ("x", "ignore"), ("Esc", "later")), classes="hint")

    def action_answer(self, answer: Answer) -> None:
        if answer == "ignore" or self._changes:
            self.dismiss(answer)

    def action_explain(self) -> None:
        if term := term_of_hint(self._hint.kind):
            self.app.push_screen(GlossaryScreen(term))


def title(kind: str) -> str:
    return TITLES.get(kind, kind.replace("_", " "))


def previewed(proposal: Mapping[str, Any], draft: Draft, is_training: bool) -> list[Change]:
    """What a proposal would change in the form, and while a network is trained in the run in hand."""
    return [(key, draft.text(key), shown(value), is_training and HYPERPARAMETERS[key].live) for key, value in proposal.items()]


def _described(change: Change) -> Content:
    key, before, after, is_live = change
    where = "in this run, from now on, and in the form" if is_live else "in the form, for the next run"
    return Content.assemble((key, "bold"), f"  {before} → ", (after, "bold $text-accent"), "\n", (f"  {where}", "$foreground-muted"))
