"""The form of a sweep: its budget, how it searches, and what varies, in groups that open; checked as it is typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Input, Select, Static

from engine.hyperparameters.table import HYPERPARAMETERS
from tui.dashboard import dashboard
from tui.sweep.draft import BUDGET, FIELDS, METHOD, VARIABLE, SweepDraft
from tui.widgets import fields
from tui.widgets.field_group import FieldGroup
from tui.widgets.fields import Fields, field_of
from tui.widgets.sweep_row import SweepRow

FORMS = "low..high, with :log for a logarithmic scale or :N for steps; or choices, a|b"
TALL, HIGH = 34, 50
"""Rows of the terminal from which on the groups with something that varies are open, and the search too."""


class SweepGroup(FieldGroup[SweepRow]):
    def __init__(self, name: str, keys: Sequence[str], draft: SweepDraft, *, opened: bool) -> None:
        self._called, self._draft = name, draft
        super().__init__(keys, opened=opened)

    def make_row(self, key: str) -> SweepRow:
        return SweepRow(key, self._draft)

    def heading(self) -> str:
        wrong = sum(key in self._draft.problems for key in self.keys)
        varied = sum(key not in FIELDS and bool(self._draft.text(key)) for key in self.keys)
        return self._called + (f"  {wrong} wrong" if wrong else "") + (f"  • {varied} var{'y' if varied > 1 else 'ies'}" if varied else "")


class SweepForm(Vertical):
    DEFAULT_CSS = """
    SweepForm {
        Fields {
            height: 1fr;
            padding: 0 1;
        }

        .heading {
            color: $foreground-muted;
        }

        #field-help {
            dock: bottom;
            height: 6;
            padding: 0 1;
            color: $text-muted;
            border-top: solid $border-blurred;
        }
    }
    """

    class Changed(Message):
        """Something was entered, good or bad."""

    def __init__(self, draft: SweepDraft) -> None:
        super().__init__(id="form-pane")
        self._draft = draft
        self._help = Static(fields.BEGINNING, id="field-help")
        self._field: str | None = None
        """The field last in focus."""
        self.border_title = "A new sweep"

    def compose(self) -> ComposeResult:
        height, varied = self.app.size.height, self._draft.varied
        with Fields():
            yield SweepGroup("Budget", [field.key for field in BUDGET], self._draft, opened=True)
            yield SweepGroup("Search", [field.key for field in METHOD], self._draft, opened=height >= HIGH)
            yield Static("What varies; all else is as in the Train form:", classes="heading")
            for group in dict.fromkeys(HYPERPARAMETERS[key].group for key in VARIABLE):
                keys = [key for key in VARIABLE if HYPERPARAMETERS[key].group == group]
                opened = height >= TALL and any(key in varied for key in keys)
                yield SweepGroup(group.replace("_", " ").capitalize(), keys, self._draft, opened=opened)
        yield self._help

    def mark(self) -> None:
        """Shows what varies and what is wrong, in fields and in words."""
        for group in self.query(SweepGroup):
            group.mark()
        if self._field is not None:
            self._help.update(self._explained(self._field))

    def go_to_problem(self) -> None:
        """Gives the focus to the first field that is wrong."""
        wrong = [(group, key) for group in self.query(SweepGroup) for key in group.keys if key in self._draft.problems]
        for group, key in wrong[:1]:
            group.go_to(key)

    def show(self, key: str) -> None:
        """Takes a text from the draft."""
        for row in self.query(SweepRow):
            if row.key == key:
                row.show()
        self.mark()

    @on(Input.Changed)
    @on(Select.Changed)
    def _enter(self, event: Input.Changed | Select.Changed) -> None:
        event.stop()
        key = event.control.name
        assert key is not None
        if str(event.value).strip() == self._draft.text(key):
            return
        self._draft.set(key, str(event.value))
        self.mark()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        """Enter in an empty field of a hyperparameter varies it, over the range that it comes with; else it goes on to the next."""
        event.stop()
        key = event.input.name
        assert key is not None
        if key in HYPERPARAMETERS and not event.value.strip():
            event.input.value = HYPERPARAMETERS[key].search
            event.input.select_all()
        else:
            self.screen.focus_next(fields.FIELDS)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._field = field_of(event.widget)
        self._help.update(self._explained(self._field) if self._field else "Enter opens the group, or closes it.")

    def _explained(self, key: str) -> Content:
        problem = self._draft.problems.get(key)
        if key in FIELDS:
            lines = [Content.styled(key, "bold $foreground"), Content(FIELDS[key].help)]
        else:
            title = Content.assemble((key, "bold $foreground"), f"  {dashboard(self).key('app.explain')} explains")
            lines = [title, Content(HYPERPARAMETERS[key].help)]
        if problem:
            lines.append(Content.styled(f"! {problem}", "$text-error"))
        elif key not in FIELDS:
            lines.append(self._varying(key))
        return Content("\n").join(lines)

    def _varying(self, key: str) -> Content:
        if self._draft.text(key):
            return Content.styled(f"Takes {FORMS}. Emptied, it is the same for all.", "$text-muted")
        return Content.assemble(("Enter", "bold $text-accent"), f" varies it: {HYPERPARAMETERS[key].search}")
