"""One field of a form: its name with a sign, and the widget that fits it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tui.widgets.choice import Choice
from tui.widgets.text_field import TextField


class FieldRow(Horizontal):
    DEFAULT_CSS = """
    FieldRow {
        height: 1;

        Static {
            width: 22;
            color: $text-muted;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }

        Input, Choice {
            width: 1fr;
            max-width: 32;
        }

        &.-marked Static {
            color: $text-accent;
        }

        &.-wrong Static, &.-wrong Input {
            color: $text-error;
        }

        &:focus-within Static {
            color: $foreground;
            text-style: bold;
        }
    }
    """

    def __init__(self, key: str, text: str, choices: Sequence[str]) -> None:
        """``choices`` are all that it takes; any text where there are none."""
        super().__init__()
        self.key = key
        self._label = Static()
        self._signed: tuple[str, bool] | None = None
        self.editor = Choice(choices, text, name=key) if choices else TextField(text, name=key)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.editor

    def on_mount(self) -> None:
        self.mark()

    def mark(self) -> None:
        """Shows what is to be known of the field."""
        raise NotImplementedError

    def sign(self, sign: str, title: str, *, wrong: bool, marked: bool) -> None:
        """Shows whether it is wrong, or differs from the others; by a sign too, not by colour alone."""
        if (sign, marked) != self._signed:
            self._signed = sign, marked
            self._label.update(f"{sign} {title}")
            self.set_class(wrong, "-wrong")
            self.set_class(marked, "-marked")

    def take(self, text: str) -> None:
        """Shows another text, as if it had always been there."""
        with self.prevent(Input.Changed, Choice.Changed):
            if isinstance(self.editor, Choice):
                self.editor.show(text)
            else:
                self.editor.value = text
        self.mark()
