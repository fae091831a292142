"""What is said beside a test digit."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from tui import formats
from tui.digits.gallery import Digits, Look, Predictions
from tui.digits.ranked import Ranked
from tui.digits.selection import Filter, Order


@dataclass(frozen=True, eq=False)
class Shown:
    """A digit, and what is known of it."""

    digits: Digits
    index: int
    look: Look | None
    other: Look | None = None
    """Of the model of another epoch, to compare."""
    other_moment: str = ""
    """Which epoch that is, in words."""

    @property
    def label(self) -> int:
        return self.digits.label(self.index)

    def ranking(self, with_outputs: bool) -> tuple[Ranked, ...]:
        """The classes, the likeliest first; none without a model."""
        if self.look is None:
            return ()
        return tuple(
            Ranked(
                self.digits.classes[place],
                float(self.look.probabilities[place]),
                bool(place == self.label),
                output=float(self.look.outputs[place]) if with_outputs else None,
                before=None if self.other is None else float(self.other.probabilities[place]),
            )
            for place in self.look.order
        )

    def caption(self, chosen: Filter, order: Order, width: int) -> Content:
        """The target, the prediction, and which digits are gone through: without a heading where that would not fit."""
        classes = self.digits.classes
        lines = [Content.assemble(("Target     ", "$foreground-muted"), (classes[self.label], "bold"))]
        lines.append(Content("") if self.look is None else self._prediction(self.look))
        passed = f"{chosen.name(classes)}, {order.value}"
        headed = Content(f"Digits     {passed}")
        lines.append((headed if headed.cell_length <= width else Content(passed)).stylize("$foreground-muted"))
        return Content("\n").join(lines)

    def _prediction(self, look: Look) -> Content:
        classes, right = self.digits.classes, look.taken == self.label
        sign, colour = ("✓ right", "$text-success") if right else ("✗ wrong", "$text-error")
        line = Content.assemble(("Prediction ", "$foreground-muted"), (classes[look.taken], f"bold {colour}"), (f"  {sign}", colour))
        if look.agreement:
            line = Content.assemble(line, (f"  {look.agreement}", "$foreground-muted"))
        if self.other is not None and self.other.taken != look.taken:
            line = Content.assemble(line, (f"  {self.other_moment}: {classes[self.other.taken]}", "$text-warning"))
        return line


def model_note(stage: str, epoch: int, is_kept: bool, predictions: Predictions | None, other: Predictions | None, total: int) -> Content:
    """How the model does on all digits, whether it does better than that of another epoch, and what the marks of the bars mean."""
    note = f"{stage.capitalize()}, kept" if is_kept else stage.capitalize()
    if predictions is None:
        return Content.styled(note, "$foreground-muted")
    if all(view.deskew for view in predictions.model.views):
        note += ", sees them deskewed"
    wrong = len(predictions.wrong)
    note += f": {wrong:,} of {total:,} wrong ({formats.percent(wrong / total)})"
    if other is not None:
        change = wrong - len(other.wrong)
        size = f"{abs(change):,} {'more' if change > 0 else 'fewer'} than" if change else "as many as"
        name = other.model.moment + (", the last" if is_kept and other.model.epoch > epoch else "")
        note += f"\n{size} in {name}\n│ ▲ ▼  against that epoch"
    return Content.styled(note, "$foreground-muted")
