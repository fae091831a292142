"""What the words mean: a list of terms, and the paragraph of the one chosen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from tui.bindings import rebound
from tui.glossary import Term, terms


class GlossaryScreen(ModalScreen[None]):
    """Opens at a term."""

    CSS_PATH = ["dialogue.tcss", "glossary.tcss"]
    BINDINGS = [
        Binding("escape", "dismiss_glossary", "Close", show=False),
        rebound("app.explain", "dismiss_glossary"),
        rebound("app.quit", "dismiss_glossary"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]

    def __init__(self, term: Term | None = None) -> None:
        super().__init__()
        self._begin = terms().index(term) if term is not None else 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue glossary") as box:
            box.border_title = "Glossary"
            yield OptionList(*(term.name for term in terms()))
            with VerticalScroll(can_focus=False):
                yield Static()
            yield Static("↑ ↓ choose   Esc close", classes="hint")

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._begin
        options.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        term = terms()[event.option_index]
        self.query_one("VerticalScroll Static", Static).update(Content.assemble((term.name, "bold $text-accent"), "\n\n", term.text))

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_dismiss_glossary(self) -> None:
        self.dismiss()
