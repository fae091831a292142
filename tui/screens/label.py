"""Which class a drawing is of: its key at once, or the cursor and Enter."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Key
from textual.widgets import OptionList

from tui.item import Item
from tui.screens.picker import Picker


class LabelPicker(Picker):
    """Gives the label as text, or None. The key of a class is its name where that is one character, or else its number below 10."""

    def __init__(self, classes: Sequence[str], guess: int) -> None:
        """``guess`` is where the cursor begins."""
        self._labels = tuple(classes)
        numbers = [str(label) if label < 10 and len(name) > 1 else "" for label, name in enumerate(classes)]
        titles = [f"{number} {name}".strip() for number, name in zip(numbers, classes, strict=True)]
        super().__init__("Which is it?", [Item(str(label), title) for label, title in enumerate(titles)], str(guess))

    def on_key(self, event: Key) -> None:
        label = self._label(event.character or "")
        if label is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(str(label))
            return
        near = [place for place, name in enumerate(self._labels) if event.character and name.lower().startswith(event.character)]
        if near:
            event.stop()
            event.prevent_default()
            options = self.query_one(OptionList)
            options.highlighted = next((place for place in near if place > (options.highlighted or 0)), near[0])

    def _label(self, character: str) -> int | None:
        if character in self._labels:
            return self._labels.index(character)
        is_number = character.isdecimal() and int(character) < len(self._labels)
        return int(character) if is_number and len(self._labels[int(character)]) > 1 else None
