"""Two lines: what the run is about, how far the epoch and the run are, and how long they will take."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from engine.events import Progress
from tui import formats
from tui.client import Status, WorkerClient
from tui.dashboard import dashboard
from tui.runs.view import RunPhase, RunView
from tui.widgets.bars import track

FRAMES_A_SECOND = 10
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
LABEL = 32
RIGHT = 26
"""Columns left of a bar and right of it."""
FIGURES = 40
ROOMY = 116
"""Columns that the training figures take, and from how many on there is room for them."""
REASONS = formats.OWN_REASONS | {"stopped": "by hand"}


class RunProgress(Widget):
    DEFAULT_CSS = """
    RunProgress {
        height: 2;
        padding: 0 1;
    }
    """

    def __init__(self, client: WorkerClient) -> None:
        super().__init__()
        self._client = client
        self._drawn: tuple[object, ...] = ()
        self._frame = 0
        self._problem = ""

    def on_mount(self) -> None:
        self.set_interval(1 / FRAMES_A_SECOND, self._tick)

    def show_problem(self, problem: str) -> None:
        """Why nothing can be run; an empty string where it can."""
        self._problem = problem
        self.refresh()

    def _tick(self) -> None:
        """Draws anew what has changed; the client is asked, so that it never waits for a screen."""
        client = self._client
        state = (client.status, client.run, client.progress, client.reconnecting and client.reconnecting.seconds_left)
        if self._is_waiting and self.app.animation_level != "none":
            self._frame += 1
            self.refresh()
        elif state != self._drawn:
            self._drawn = state
            self.refresh()

    @property
    def _is_waiting(self) -> bool:
        run, status = self._client.run, self._client.status
        waits = run is not None and run.phase in (RunPhase.WAITING, RunPhase.PREPARING, RunPhase.COMPILING, RunPhase.ABORTING)
        return waits or status in (Status.STARTING, Status.LOADING, Status.BROKEN)

    def render(self) -> Content:
        run = self._client.run
        lines = self._idle() if run is None else self._over(run) if run.is_over else self._going(run)
        if self._problem:
            lines = (lines[0], Content.assemble(("! cannot run  ", "bold $text-error"), (self._problem, "$text-error")))
        return Content("\n").join([line.truncate(self.size.width, ellipsis=True) for line in lines])

    def _idle(self) -> tuple[Content, Content]:
        status = self._client.status
        if status is Status.READY:
            keys = dashboard(self)
            hint = Content(f"Press {keys.key('train.run')} to train with these hyperparameters, {keys.key('app.help')} for help.")
            hint = hint.stylize("$foreground-muted")
            note = self._client.ready.note if self._client.ready else ""
            return Content.assemble(("● ", "$text-success"), ("ready", "bold"), (f"  {note}", "$foreground-muted")), hint
        failure = self._client.failure
        if failure is not None:
            return Content.assemble(("✗ ", "$text-error"), (failure.message, "bold")), Content(failure.advice).stylize("$foreground-muted")
        label = Content.assemble((f"{self._spinner} ", "$text-warning"), (status.value, "bold"))
        return label, Content(self._reconnecting).stylize("$foreground-muted")

    @property
    def _reconnecting(self) -> str:
        """When it is tried again to reach the worker, and which keys have to do with it."""
        pause, keys = self._client.reconnecting, dashboard(self)
        if pause is None:
            return ""
        return f"next try in {pause.seconds_left} s ({keys.key('worker.restart')} now, {keys.key('worker.give_up')} gives up)"

    @property
    def _spinner(self) -> str:
        return SPINNER[0 if self.app.animation_level == "none" else self._frame % len(SPINNER)]

    def _over(self, run: RunView) -> tuple[Content, Content]:
        if run.failure is not None:
            return (
                Content.assemble(("✗ ", "$text-error"), ("failed: ", "bold"), run.failure.message),
                Content(run.failure.advice).stylize("$foreground-muted"),
            )
        if run.ended is None:
            kept = "The finished epochs are kept: the run can be resumed." if run.epochs else "No epoch was finished."
            return Content.assemble(("■ ", "$text-warning"), (run.phase.value, "bold")), Content(kept).stylize("$foreground-muted")
        ended = run.ended
        seconds = sum(epoch.seconds for epoch in run.epochs)
        sign, colour = ("■", "$text-warning") if run.phase is RunPhase.STOPPED else ("✓", "$text-success")
        reason = f" ({REASONS[ended.reason]})" if ended.reason in REASONS else ""
        best = f"{len(run.members)} members" if run.members else f"epoch {ended.best_epoch} kept"
        why = f"{reason} after {formats.count(ended.epochs, 'epoch')} in {formats.clock(seconds)}, {best}"
        figures = Content.assemble(
            ("test accuracy ", "$foreground-muted"),
            (formats.percent(ended.test_accuracy), f"bold {colour}"),
            ("  loss ", "$foreground-muted"),
            (formats.decimals(ended.test_loss), "bold"),
            (f"  saved as {run.directory.name}" if run.directory else "", "$foreground-muted"),
        )
        resumed = f"  {dashboard(self).key('train.resume')} goes on" if run.is_resumable else ""
        return Content.assemble((f"{sign} ", colour), (run.phase.value, "bold"), why, (resumed, "$text-accent")), figures

    def _going(self, run: RunView) -> tuple[Content, Content]:
        progress = self._client.progress
        mark = self._spinner if self._is_waiting else "‖" if run.phase is RunPhase.PAUSED else "●"
        resumed = f"  {dashboard(self).key('train.resume')} resumes" if run.phase is RunPhase.PAUSED else ""
        colour = "$text-primary" if run.phase is RunPhase.TRAINING else "$text-warning"
        occupation = Status.BROKEN.value if self._client.status is Status.BROKEN else run.phase.value
        speed = f"  {formats.speed(progress.samples_per_second)}" if progress and run.phase is RunPhase.TRAINING else ""
        label = Content.assemble((f"{mark} ", colour), (occupation, "bold"), (resumed or speed, "$foreground-muted"))
        if progress is None:
            return label, Content(self._waited_for(run)).stylize("$foreground-muted")
        batch = run.hyperparameters["training"]["batch_size"]
        done, steps = (progress.epoch - 1) * progress.steps + progress.step, progress.epochs * progress.steps
        place = Content(f"  {formats.place(progress)}").stylize("$foreground-muted")
        figures = formats.trained(progress.train_accuracy, progress.train_loss)
        epoch_left, run_left = _left(progress, progress.steps - progress.step, batch), _left(progress, steps - done, batch)
        rate = f"learning rate {formats.scientific(progress.learning_rate)}"
        return (
            self._bar_line(label, progress.step / progress.steps, "epoch", epoch_left, figures),
            self._bar_line(place, formats.run_share(progress), "run", run_left, rate),
        )

    def _waited_for(self, run: RunView) -> str:
        """What has to be done before the first steps."""
        match run.phase:
            case RunPhase.WAITING:
                then = f"the run {'goes on' if run.epochs else 'begins'} by itself"
                return f"{self._reconnecting or self._client.status.value}; {then}"
            case RunPhase.COMPILING:
                return "The first steps wait for it; they are kept for later runs."
            case _:
                return ""

    def _bar_line(self, label: Content, fraction: float, name: str, left: str, figures: str) -> Content:
        width = self.size.width - LABEL - RIGHT - (FIGURES if self.size.width >= ROOMY else 0)
        line = Content.assemble(
            label.pad_right(max(0, LABEL - label.cell_length)),
            track(fraction, width),
            (formats.done(fraction, 1).rjust(7), "bold"),
            (f" {name:5} {left}".ljust(RIGHT - 7), "$foreground-muted"),
        )
        return Content.assemble(line, (f"  {figures}", "$foreground-muted")) if self.size.width >= ROOMY else line


def _left(progress: Progress, steps: int, batch_size: int) -> str:
    """How long the steps will take at the present speed."""
    speed = progress.samples_per_second
    return f"{formats.span(steps * batch_size / speed)} left" if speed else ""
