"""What the field in focus means, what it takes, and what is wrong with it."""

from __future__ import annotations

import inspect

from textual.content import Content
from textual.widgets import Static

from engine.hyperparameters import HYPERPARAMETERS, Hyperparameters
from tui.draft import Draft


class FieldHelp(Static):
    DEFAULT_CSS = """
    FieldHelp {
        height: 5;
        padding: 0 1;
        color: $text-muted;
    }
    """

    def welcome(self, note: str) -> None:
        """What to press in the form, and what the worker has to say, until a field has the focus."""
        hint = "Tab goes to the first field, Enter opens a group, Esc leaves a field."
        self.update(Content.assemble((note, "$text-secondary"), "\n" if note else "", hint))

    def show(self, draft: Draft, group: str, key: str | None) -> None:
        """Explains a field, or a whole group where ``key`` is None."""
        self.update(_of_group(group) if key is None else _of_field(draft, key))


def _of_group(group: str) -> Content:
    model = Hyperparameters.model_fields[group].annotation
    return Content.assemble((group, "bold $foreground"), "\n", (inspect.getdoc(model) or "").partition("\n")[0])


def _of_field(draft: Draft, key: str) -> Content:
    hyperparameter = HYPERPARAMETERS[key]
    problem = draft.problems.get(key)
    if problem:
        last = Content.styled(f"! {problem}", "$text-error")
    else:
        base = f"  {draft.preset_name}: {draft.base_text(key) or 'none'}" if draft.is_changed(key) else ""
        last = Content.assemble((hyperparameter.values, "$text-secondary"), (base, "$text-accent"))
    return Content.assemble((key, "bold $foreground"), "\n", hyperparameter.help, "\n", last)
