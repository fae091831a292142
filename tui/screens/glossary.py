"""What the words mean: a list of terms, and the paragraph of the one chosen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.widget import Widget
from textual.widgets import OptionList, Static

from tui.bindings import rebound
from tui.glossary import Term, beginning_with, term_of, terms
from tui.screens.dialogue import Dialogue
from tui.widgets.key_hints import key_hints


class GlossaryScreen(Dialogue[None]):
    """Opens at a term; what is typed leads to another."""

    CSS_PATH = ["dialogue.tcss", "glossary.tcss"]
    BINDINGS = [rebound("app.explain", "dismiss")]

    def __init__(self, term: Term | None = None) -> None:
        super().__init__()
        self._begin = terms().index(term) if term is not None else 0
        self._typed = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue glossary") as box:
            box.border_title = "Glossary"
            yield OptionList(*(term.name for term in terms()))
            with VerticalScroll(can_focus=False):
                yield Static()
            yield Static(key_hints(("↑ ↓", "choose"), ("letters", "go to a term"), ("Esc", "close")), classes="hint")

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._begin
        options.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        term = terms()[event.option_index]
        self.query_one("VerticalScroll Static", Static).update(Content.assemble((term.name, "bold $text-accent"), "\n\n", term.text))

    def on_key(self, event: Key) -> None:
        """A letter goes on with what was typed, or begins anew where no term begins so."""
        if event.character is None or not event.is_printable:
            self._typed = ""
            return
        event.stop()
        event.prevent_default()
        for typed in (self._typed + event.character, event.character):
            place = beginning_with(typed)
            if place is not None:
                self._typed = typed
                self.query_one(OptionList).highlighted = place
                return


def term_at(widget: Widget | None) -> Term | None:
    """The term of a field, or of the first field of the group whose title it is."""
    from tui.widgets.field_group import FieldGroup

    if widget is None:
        return None
    groups = (node for node in widget.ancestors if isinstance(node, FieldGroup))
    key = widget.name or next((group.keys[0] for group in groups), None)
    return term_of(key) if key else None
