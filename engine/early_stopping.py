"""When to stop, and which epoch to keep."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.hyperparameters.choices import EarlyStoppingMode
from engine.hyperparameters.definitions import EarlyStopping as EarlyStoppingHyperparameters
from engine.percentages import percent


@dataclass
class EarlyStopping:
    """Watches the validation accuracy, an epoch at a time.

    Patience (Prechelt, 1998): stop when the accuracy has not risen by ``threshold`` for ``patience`` epochs. Stability: from epoch
    ``patience`` on, stop when the signed mean rise over the last ``patience`` epochs, (last - first) / patience, is at most ``threshold``.
    """

    hyperparameters: EarlyStoppingHyperparameters
    accuracies: list[float] = field(default_factory=list)
    """Validation accuracy of each epoch so far, a fraction; -1 without a validation part."""
    best_epoch: int = 0
    """The epoch to keep, from 1: the best one in mode patience, else the last."""
    best_accuracy: float = -1.0
    best_loss: float = float("inf")
    _reference: float = -1.0
    """In mode patience: the accuracy from which the next one has to rise by ``threshold``."""
    _reference_epoch: int = 0
    """The epoch that had it, from 1, from which patience is counted; 0 before the first."""

    def observe(self, accuracy: float | None, loss: float | None) -> bool:
        """Takes note of an epoch's validation accuracy and loss (None without a validation part); True where its parameters are now
        the ones to keep."""
        epoch = len(self.accuracies) + 1
        self.accuracies.append(-1.0 if accuracy is None else accuracy)
        if accuracy is None or loss is None or self.hyperparameters.mode is not EarlyStoppingMode.PATIENCE:
            self.best_epoch = epoch
            return True
        rise = accuracy - self._reference
        if not self._reference_epoch or (rise > 0 and rise >= self.hyperparameters.threshold):
            self._reference, self._reference_epoch = accuracy, epoch
        better = accuracy > self.best_accuracy or (accuracy == self.best_accuracy and loss < self.best_loss)
        if better:
            self.best_epoch, self.best_accuracy, self.best_loss = epoch, accuracy, loss
        return better

    @property
    def should_stop(self) -> bool:
        """Whether the rule says to stop after the epoch observed last."""
        epoch, patience = len(self.accuracies), self.hyperparameters.patience
        if not epoch or self.accuracies[-1] < 0:
            return False
        match self.hyperparameters.mode:
            case EarlyStoppingMode.PATIENCE:
                return epoch - self._reference_epoch >= patience
            case EarlyStoppingMode.STABILITY:
                if epoch < patience:
                    return False
                return (self.accuracies[-1] - self.accuracies[-patience]) / patience <= self.hyperparameters.threshold
            case EarlyStoppingMode.OFF:
                return False

    def explanation(self, whose: str = "") -> str:
        """Which rule says to stop, and what it found, in words; ``whose`` follows the number of an epoch. Empty where none says so."""
        if not self.should_stop:
            return ""
        patience, threshold = self.hyperparameters.patience, self.hyperparameters.threshold
        if self.hyperparameters.mode is EarlyStoppingMode.PATIENCE:
            rise = f"rise by {_points(threshold)}" if threshold > 0 else "rise"
            span = "the epoch" if patience == 1 else f"the {patience} epochs"
            return (
                f"validation accuracy did not {rise} above {percent(self._reference)} in {span} after epoch {self._reference_epoch}{whose}"
            )
        mean_rise = (self.accuracies[-1] - self.accuracies[-patience]) / patience
        change = f"{'fell' if mean_rise < 0 else 'rose'} by {_points(abs(mean_rise))}"
        span = "in the last epoch" if patience == 1 else f"an epoch over the last {patience} epochs"
        return f"validation accuracy {change} {span}{whose}, where a rise by more than {_points(threshold)} is wanted"


def _points(fraction: float) -> str:
    """A difference between two accuracies."""
    number = f"{float(f'{100 * fraction:.3g}'):g}"
    return f"{number} point{'' if number == '1' else 's'}"
