"""What a training says on a terminal without the dashboard: lines, and below them, on a terminal only, how far it is."""

from __future__ import annotations

from engine import events
from tui import formats
from tui.commandline.live_lines import LiveLines

BAR = 20


class Reporter(LiveLines):
    def __init__(self) -> None:
        super().__init__()
        self._batch_size = self._members = 1
        self._trained = 0
        self._noted: set[str] = set()
        """Hints that were printed."""

    def report(self, event: events.Event) -> None:
        match event:
            case events.Ready():
                self._ready(event)
            case events.Compiling():
                self.status("compiling shaders")
            case events.Started():
                self._batch_size, self._members = event.hyperparameters["training"]["batch_size"], event.members
                size = f"{event.members} members of {event.parameters:,}" if event.members > 1 else f"{event.parameters:,}"
                self.line(f"{size} parameters, {event.steps:,} steps an epoch; run {event.run}")
            case events.Progress():
                self.status(progress(event, self._batch_size))
            case events.EpochEnded():
                self.line(f"{formats.published(event)}  {formats.seconds(event.seconds)} {formats.rate(event.samples_per_second):>11}")
            case events.MemberEnded():
                self._trained = event.member
                self.line(formats.member(event))
            case events.Hint() if event.message not in self._noted:
                self._noted.add(event.message)
                self.note(event.message)
            case events.Finished():
                self._finished(event)

    def _ready(self, event: events.Ready) -> None:
        if event.note:
            self.note(event.note)
        data = event.dataset
        self.line(f"{formats.device(event.device)}; {data['name']}: {data['train']:,} training and {data['test']:,} test digits")

    def _finished(self, event: events.Finished) -> None:
        reason = formats.REASONS.get(event.reason, event.reason)
        kept = f"epoch {event.best_epoch} is kept" if self._members == 1 else f"{formats.count(self._trained, 'member')} kept"
        self.line(f"Ended after {formats.count(event.epochs, 'epoch')} ({reason}); {kept}.")
        if event.explanation:
            self.line(f"{formats.early_stopping(event.explanation)}.")
        self.line(f"Test accuracy: {formats.percent(event.test_accuracy)}, loss: {formats.decimals(event.test_loss)}")
        self.line(f"Run: {event.run}")


def progress(event: events.Progress, batch_size: int) -> str:
    """``[#####...............]  25%  epoch 3/20  0:07 left, 2:10 in all  12,345 digits/s  training accuracy 91.20%, loss 0.301``."""
    full = round(BAR * event.step / event.steps)
    parts = [f"[{'#' * full}{'.' * (BAR - full)}] {formats.done(event.step / event.steps):>4}", formats.place(event)]
    if event.samples_per_second:
        seconds = batch_size / event.samples_per_second
        epoch = (event.steps - event.step) * seconds
        run = epoch + (event.epochs - event.epoch) * event.steps * seconds
        parts += [f"{formats.clock(epoch)} left, {formats.clock(run)} in all", formats.speed(event.samples_per_second)]
    parts.append(formats.trained(event.train_accuracy, event.train_loss))
    return "  ".join(parts)
