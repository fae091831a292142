"""Two lines: what the sweep is about, how far it is, how long it will take, and the best so far."""

from __future__ import annotations

import time

from textual.content import Content
from textual.widget import Widget

from engine.sweep.request import DEFAULT_TRIALS
from tui import formats
from tui.dashboard import dashboard
from tui.sweep.draft import SweepDraft
from tui.sweep.time_left import expected_seed_runs, seconds_left, seed_runs
from tui.sweep.view import SweepPhase, SweepView
from tui.widgets.bars import track
from tui.widgets.run_progress import SPINNER

FRAMES_A_SECOND = 5
LABEL = 30
"""Columns left of a bar."""
PREPARED = {
    SweepPhase.STARTING: "The data is loaded, and the search is prepared.",
    SweepPhase.OPENING: "What it has found is read.",
}
SIGNS = {SweepPhase.STOPPED: ("■", "$text-warning"), SweepPhase.FINISHED: ("✓", "$text-success"), SweepPhase.FAILED: ("✗", "$text-error")}


class SweepProgress(Widget):
    DEFAULT_CSS = """
    SweepProgress {
        height: 2;
        padding: 0 1;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._frame = 0
        self._begun = 0.0
        self._sweep: SweepView | None = None
        self.draft: SweepDraft | None = None
        """What is to be run, while that is shown instead of a sweep."""

    def on_mount(self) -> None:
        self.set_interval(1 / FRAMES_A_SECOND, self._tick)

    def show(self, sweep: SweepView | None, draft: SweepDraft | None) -> None:
        if sweep is not self._sweep:
            self._sweep, self._begun = sweep, time.monotonic()
        self.draft = draft
        self.refresh()

    def _tick(self) -> None:
        if self._sweep is not None and not self._sweep.is_over and self.draft is None:
            self._frame += self.app.animation_level != "none"
            self.refresh()

    def render(self) -> Content:
        lines = self._planned(self.draft) if self.draft is not None else self._followed(self._sweep) if self._sweep else ()
        return Content("\n").join([line.truncate(self.size.width, ellipsis=True) for line in lines])

    def _planned(self, draft: SweepDraft) -> tuple[Content, ...]:
        keys = dashboard(self)
        is_going = self._sweep is not None and not self._sweep.is_over
        if draft.reason:
            first = Content.assemble(("! cannot search  ", "bold $text-error"), (draft.reason, "$text-error"))
        else:
            colour, ready = (
                ("$text-warning", "ready once the sweep in hand has ended") if is_going else ("$text-success", "ready to search")
            )
            first = Content.assemble(("● ", colour), (ready, "bold"), (f"  {_scope(draft)}", "$foreground-muted"))
        shows = [f"{keys.key('sweep.show_results')} shows the sweep {self._sweep.name}"] if self._sweep is not None else []
        if is_going:
            hints = [*shows, f"{keys.key('sweep.stop')} ends it"]
        else:
            hints = [f"{keys.key('sweep.run')} searches", *shows, f"{keys.key('sweep.open')} opens an earlier sweep"]
        return first, Content.styled(", ".join([*hints, "Tab goes to the form"]) + ".", "$foreground-muted")

    def _followed(self, sweep: SweepView) -> tuple[Content, ...]:
        if sweep.failure is not None:
            return (
                Content.assemble(("✗ ", "$text-error"), ("failed: ", "bold"), sweep.failure.message),
                Content.styled(sweep.failure.advice, "$foreground-muted"),
            )
        return self._over(sweep) if sweep.is_over else self._going(sweep)

    def _best(self, sweep: SweepView) -> Content:
        if sweep.best is None:
            return Content()
        value = formats.percent(sweep.rows[sweep.best].value)
        return Content.assemble(
            ("  best ", "$foreground-muted"), (value, "bold $text-accent"), (f" (trial {sweep.best})", "$foreground-muted")
        )

    def _over(self, sweep: SweepView) -> tuple[Content, ...]:
        sign, colour = SIGNS[sweep.phase]
        counts = ", ".join(f"{count} {state}" for state in ("complete", "pruned", "failed", "waiting") if (count := sweep.count(state)))
        seconds = f" in {formats.clock(sweep.finished.seconds)}" if sweep.finished is not None and sweep.finished.seconds else ""
        first = Content.assemble(
            (f"{sign} ", colour), (f"{sweep.name}: {sweep.phase.value}", "bold"), f"  {counts or 'no trial'}{seconds}", self._best(sweep)
        )
        keys = dashboard(self)
        winner = sweep.finished.winner if sweep.finished is not None else None
        if winner is None:
            return first, Content.styled(f"{keys.key('sweep.go_on')} goes on with it.", "$foreground-muted")
        return first, Content.assemble(
            ("winner: ", "$foreground-muted"),
            (f"trial {winner['trial']}", "bold"),
            ("  test accuracy ", "$foreground-muted"),
            (formats.spread(winner["test_mean"], winner["test_deviation"]), "bold $text-success"),
            (f"  {keys.key('sweep.apply')} puts it into the Train form", "$foreground-muted"),
        )

    def _going(self, sweep: SweepView) -> tuple[Content, ...]:
        colour = "$text-warning" if sweep.is_paused or sweep.phase is not SweepPhase.SEARCHING else "$text-primary"
        mark = "‖" if sweep.is_paused else SPINNER[self._frame % len(SPINNER)]
        phase = f"paused; {dashboard(self).key('sweep.resume')} resumes" if sweep.is_paused else sweep.phase.value
        first = Content.assemble(
            (f"{mark} ", colour), (f"{sweep.name}  " if sweep.name else "", "bold"), (phase, "bold"), self._best(sweep)
        )
        if sweep.phase in PREPARED:
            return first, Content.styled(PREPARED[sweep.phase], "$foreground-muted")
        if sweep.phase is SweepPhase.SEEDS:
            done = sweep.seeds_done
            return first, self._bar(f"{done} of {sweep.seeds_wanted} trainings", "", done / sweep.seeds_wanted, _left(sweep))
        again = expected_seed_runs(sweep)
        return first + Content.styled(f"  {_then(again)}" if again else "", "$foreground-muted"), self._bar(
            _count(sweep), _notes(sweep), _fraction(sweep, time.monotonic() - self._begun), _left(sweep)
        )

    def _bar(self, label: str, notes: str, fraction: float, left: str) -> Content:
        """``notes`` are left away where there is no room."""
        right = f"{formats.done(fraction):>5}  {formats.clock(time.monotonic() - self._begun)}{left}"
        room = max(0, self.size.width - len(right) - 3)
        said = next((text for text in (f"  {label}{notes} ", f"  {label} ") if len(text) <= room), f"  {label}").ljust(min(LABEL, room))
        width = max(0, room - len(said))
        return Content.assemble(
            (said, "$foreground-muted"),
            track(fraction, width),
            (f"  {right}", "$foreground-muted"),
        )


def _scope(draft: SweepDraft) -> str:
    """How much there is to do."""
    request = draft.request
    assert request is not None
    is_by_minutes_alone = request.trials is None and request.minutes is not None
    trials = "trials" if is_by_minutes_alone else formats.count(request.trials or DEFAULT_TRIALS, "trial")
    minutes = f" in {formats.minutes(request.minutes)}" if request.minutes is not None else ""
    count = len(draft.varied)
    again = seed_runs(request.top, request.seeds, request.trials)
    return f"{trials}{minutes} over {formats.count(count, 'hyperparameter')}" + (f", {_then(again)}" if again else "")


def _then(seed_runs: int) -> str:
    """What follows the trials."""
    return f"then {formats.count(seed_runs, 'more training')}"


def _count(sweep: SweepView) -> str:
    wanted = sweep.started.trials if sweep.started is not None else None
    return f"{sweep.ended}{f' of {wanted}' if wanted is not None else ''} trials"


def _notes(sweep: SweepView) -> str:
    return "".join(f", {count} {state}" for state in ("pruned", "failed") if (count := sweep.count(state)))


def _fraction(sweep: SweepView, elapsed: float) -> float:
    """Of the budget, whichever part of it is nearer to its end."""
    assert sweep.started is not None
    trials, minutes = sweep.started.trials, sweep.started.minutes
    shares = [sweep.ended / trials] if trials else []
    return max([*shares, elapsed / (60 * minutes)] if minutes else shares, default=0.0)


def _left(sweep: SweepView) -> str:
    seconds = seconds_left(sweep)
    return "" if seconds is None else f", about {formats.clock(seconds)} left"
