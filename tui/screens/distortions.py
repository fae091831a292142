"""A dialogue with a digit beside its distortions, which follow the form's values as they are changed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.hyperparameters.table import HYPERPARAMETERS
from tui.bindings import rebound
from tui.digits.gallery import Digits
from tui.form.distortions import KEYS, distorted, is_deskewed, seen_otherwise, stepped
from tui.screens.dialogue import Dialogue
from tui.widgets.distortion_grid import DistortionGrid
from tui.widgets.form_pane import FormPane
from tui.widgets.key_hints import key_hints

COLUMNS = 2


class DistortionsScreen(Dialogue[None]):
    """The values are those of the form: what is changed here is changed there."""

    CSS_PATH = ["dialogue.tcss", "distortions.tcss"]
    BINDINGS = [
        Binding("escape", "close", "Close", show=False),
        rebound("train.distortions", "close"),
        Binding("up,k", "choose(-1)", "The value before", show=False),
        Binding("down,j,tab", "choose(1)", "The next value", show=False),
        Binding("left,h,minus", "change(-1)", "Less", show=False),
        Binding("right,l,plus,equals_sign", "change(1)", "More", show=False),
        Binding("shift+left,H", "change(-5)", "Much less", show=False),
        Binding("shift+right,L", "change(5)", "Much more", show=False),
        Binding("space", "draw_again", "Draw again", show=False),
        Binding("n", "go(1)", "The next digit", show=False),
        Binding("p", "go(-1)", "The digit before", show=False),
        Binding("enter", "tell", "Tell the run", show=False),
    ]

    def __init__(self, form: FormPane, digits: Digits, index: int = 0) -> None:
        super().__init__()
        assert form.draft is not None
        self._form, self._draft, self._digits, self._index = form, form.draft, digits, index
        self._draw = 0
        self._chosen = 0
        self._untold: list[str] = []
        """Of which the run in hand has other values."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue distortions"):
            yield DistortionGrid()
            yield Static(id="values")
            yield Static(id="explanation")
            yield Static(classes="hint")

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        digits, draft, key = self._digits, self._draft, KEYS[self._chosen]
        box = self.query_one(".distortions")
        box.border_title = f"Test digit {self._index + 1:,}, label {digits.classes[digits.label(self._index)]}, beside its distortions"
        images = distorted(draft, digits.image(self._index), self._draw)
        self.query_one(DistortionGrid).draw(images, "deskewed" if is_deskewed(draft) else "original")
        is_still = len(images) > 1 and (images[1:] == images[0]).all()
        box.border_subtitle = "nothing is distorted yet: → raises a value" if is_still else seen_otherwise(draft)
        self._untold = self._form.untold_of(KEYS)
        self.query_one("#values", Static).update(self._values())
        problem = next((draft.problems[item] for item in KEYS if item in draft.problems), None)
        help_line = Content(HYPERPARAMETERS[key].help)
        self.query_one("#explanation", Static).update(Content.styled(f"! {problem}", "$text-error") if problem else help_line)
        tell = [("Enter", "tell the run →")] if self._untold else []
        keys = [("↑ ↓", "choose"), ("← →", "change"), ("Space", "draw again"), ("n", "next digit"), *tell, ("Esc", "close")]
        self.query_one(".hint", Static).update(key_hints(*keys, gap="  "))

    def _values(self) -> Content:
        """Column by column, the one that the keys change marked."""
        rows = -(-len(KEYS) // COLUMNS)
        lines = [Content("").join(self._value(place) for place in range(row, len(KEYS), rows)) for row in range(rows)]
        return Content("\n").join(lines)

    def _value(self, place: int) -> Content:
        key = KEYS[place]
        is_chosen = place == self._chosen
        text = f"{'>' if is_chosen else ' '} {HYPERPARAMETERS[key].title:<14}{self._draft.text(key):>7}"
        style = "$text-error" if key in self._draft.problems else "bold $text-accent" if is_chosen else "$foreground"
        return Content.assemble((text, style), (" → " if key in self._untold else "   ", "$text-warning"))

    def action_choose(self, by: int) -> None:
        self._chosen = (self._chosen + by) % len(KEYS)
        self._show()

    def action_change(self, by: int) -> None:
        key = KEYS[self._chosen]
        before, value = self._draft.entry(key), stepped(self._draft, key, by)
        self._draft.set(key, value)
        if key in self._draft.problems:
            self._draft.set(key, before)
            self.app.bell()
        self._show()

    def action_draw_again(self) -> None:
        self._draw += 1
        self._show()

    def action_go(self, by: int) -> None:
        self._index = (self._index + by) % len(self._digits)
        self._show()

    def action_tell(self) -> None:
        """Gives the run in hand the form's values."""
        self._form.tell(KEYS)
        self._show()

    def action_close(self) -> None:
        self._form.show()
        self.dismiss()
