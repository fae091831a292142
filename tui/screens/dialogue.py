"""What all dialogues have in common: a box over the screen, which Esc leaves without an answer."""

from __future__ import annotations

from textual.binding import Binding
from textual.screen import ModalScreen, ScreenResultType


class Dialogue(ModalScreen[ScreenResultType]):
    CSS_PATH = ["dialogue.tcss"]
    BINDINGS = [Binding("escape", "dismiss", "Close", show=False)]
