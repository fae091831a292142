"""What the field in focus means, what it takes, and what is wrong with it."""

from __future__ import annotations

import inspect

from textual.content import Content
from textual.widgets import Static

from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS
from tui.dashboard import dashboard
from tui.form.draft import Draft, shown, told
from tui.runs.view import RunView
from tui.widgets.fields import BEGINNING

DEFAULT = "default"


class FieldHelp(Static):
    DEFAULT_CSS = """
    FieldHelp {
        height: 6;
        padding: 0 1;
        color: $text-muted;
    }
    """

    def on_mount(self) -> None:
        self.update(BEGINNING)

    def show(self, draft: Draft, group: str, key: str | None, run: RunView | None) -> None:
        """Explains a field, or a whole group where ``key`` is None. ``run`` is the one that is being trained."""
        self.update(_of_group(group) if key is None else _of_field(draft, key, run, dashboard(self).key("app.explain")))


def _of_group(group: str) -> Content:
    model = Hyperparameters.model_fields[group].annotation
    return Content.assemble((group, "bold $foreground"), "\n", (inspect.getdoc(model) or "").partition("\n")[0])


def _of_field(draft: Draft, key: str, run: RunView | None, explain: str) -> Content:
    hyperparameter = HYPERPARAMETERS[key]
    problem = draft.problems.get(key)
    live = ("  live" if hyperparameter.live else "", "$foreground")
    lines = [Content.assemble((key, "bold $foreground"), live, f"  {explain} explains")]
    lines.append(Content(hyperparameter.help))
    lines.append(Content.styled(f"! {problem}", "$text-error") if problem else _values(draft, key))
    if run is not None and not problem:
        lines.append(_in_flight(draft, key, run))
    return Content("\n").join(lines)


def _values(draft: Draft, key: str) -> Content:
    """What is permitted, the default, and the preset's value; that in the accent's colour where the form has another."""
    default, base = told(HYPERPARAMETERS[key].default), draft.base_text(key) or "none"
    colour = "bold $text-accent" if draft.is_changed(key) else ""
    preset = (f"  {draft.preset_name}: ", (base, colour)) if draft.preset_name != DEFAULT or base != default else ()
    return Content.assemble(
        "takes ", (HYPERPARAMETERS[key].values, "$foreground"), *preset, f"  {DEFAULT}: ", (default, "" if preset else colour)
    )


def _in_flight(draft: Draft, key: str, run: RunView) -> Content:
    """What becomes of the field's value while a run is trained."""
    now = shown(run.value(key))
    if now == draft.text(key):
        return Content.styled("The run in hand has this value.", "$text-success")
    if HYPERPARAMETERS[key].live:
        return Content.styled(f"The run in hand has {now}: Enter changes it there.", "$text-warning")
    return Content.styled(f"For the next run; the one in hand keeps {now or 'none'}.", "$text-warning")
