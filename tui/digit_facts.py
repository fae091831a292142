"""What is said beside a test digit."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from tui.gallery import Digits, Look, Predictions
from tui.selection import Filter, Order
from tui.widgets.prediction_bars import Ranked


@dataclass(frozen=True, eq=False)
class Shown:
    """A digit, and what is known of it."""

    digits: Digits
    index: int
    look: Look | None
    before: Look | None
    """Of an earlier epoch."""

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
                place == self.label,
                output=float(self.look.outputs[place]) if with_outputs else None,
                before=None if self.before is None else float(self.before.probabilities[place]),
            )
            for place in self.look.order
        )

    def caption(self, chosen: Filter, order: Order) -> Content:
        """The target, the prediction, and which digits are gone through."""
        classes = self.digits.classes
        lines = [Content.assemble(("Target     ", "$foreground-muted"), (classes[self.label], "bold"))]
        lines.append(Content("") if self.look is None else self._prediction(self.look))
        lines.append(Content.styled(f"Digits     {chosen.name(classes)}, {order.value}", "$foreground-muted"))
        return Content("\n").join(lines)

    def _prediction(self, look: Look) -> Content:
        classes, right = self.digits.classes, look.taken == self.label
        sign, colour = ("✓ right", "$text-success") if right else ("✗ wrong", "$text-error")
        line = Content.assemble(("Prediction ", "$foreground-muted"), (classes[look.taken], f"bold {colour}"), (f"  {sign}", colour))
        if self.before is not None and self.before.taken != look.taken:
            line = Content.assemble(line, (f"  {classes[self.before.taken]} → {classes[look.taken]}", "$text-warning"))
        return line


def model_note(epoch: int, predictions: Predictions | None, earlier: Predictions | None, total: int) -> Content:
    """How the model does on all digits, and whether it does better than before."""
    note = f"Epoch {epoch}"
    if predictions is None:
        return Content.styled(note, "$foreground-muted")
    wrong = len(predictions.wrong)
    note += f": {wrong:,} of {total:,} wrong ({wrong / total:.2%})"
    if earlier is not None and earlier is not predictions:
        change = wrong - len(earlier.wrong)
        size = f"{abs(change):,} {'more' if change > 0 else 'fewer'}" if change else "as many"
        note += f"\n{size} than in epoch {earlier.model.epoch}" if change else f"\n{size} as in epoch {earlier.model.epoch}"
    return Content.styled(note, "$foreground-muted")
