"""Terminals that change, are too small, can do little or are not there at all; runs with very many points; and two at the same run."""

from __future__ import annotations

import random
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from textual.events import Resize
from textual.geometry import Size

from engine.events import EpochEnded
from engine.runs.metrics import to_csv
from engine.runs.run import Run
from engine.runs.summary import read_summary
from tests.faults.scale import scaled
from tests.faults.support import small
from tests.tui.support import few_digits, furnished, make_app, screen_text, stand_still, wait_for, write_model

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from engine.hyperparameters.configuration import from_plain
from tests.faults.pseudo_terminal import DASHBOARD, LEAVES_ALTERNATE_SCREEN, PATIENCE, PseudoTerminal, environment
from tests.faults.test_signals import ENDLESS, run_in

SIZES = [(80, 24), (20, 5), (1, 1), (300, 100), (120, 40), (40, 3), (5, 60)]
TERMINALS = [{"TERM": "dumb", "LANG": "C"}, {"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}, {"TERM": "ansi"}]
MODES = "23456 1"
"""Keys of all modes."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    state = tmp_path / "state" / "digits-tui"
    state.mkdir(parents=True)
    (state / "state.json").write_text('{"greeted": true}')
    return tmp_path


def dashboard(home: Path, dataset: Path, **changes: str) -> PseudoTerminal:
    arguments = ["--device", "cpu", "--dataset", str(dataset), "--runs-dir", str(home / "runs"), "--preset", "quick"]
    return PseudoTerminal(DASHBOARD + arguments, environment(home, **changes))


def leave(terminal: PseudoTerminal) -> None:
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 143
    assert "Traceback" not in terminal.text and "Error" not in terminal.text
    assert terminal.modes == terminal.cooked


def test_a_storm_of_sizes_while_training(home: Path, digits_directory: Path) -> None:
    generator = random.Random(1)
    with dashboard(home, digits_directory) as terminal:
        terminal.until_drawn("Run")
        terminal.press("r")
        for number in range(scaled(60, 2000)):
            terminal.resize(*(SIZES[number % len(SIZES)] if number % 3 else (generator.randint(1, 200), generator.randint(1, 80))))
            if number % 4 == 0:
                terminal.press(MODES[number // 4 % len(MODES)])
            time.sleep(0.01)
        terminal.drawn = b""
        terminal.resize(100, 30)
        terminal.press("1")
        terminal.until_drawn("Train")
        leave(terminal)


async def test_sizes_that_have_passed_are_not_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch, tmp_path)
    laid_out: list[Size] = []
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await furnished(pilot, app)
        monkeypatch.setattr(screen, "_screen_resized", laid_out.append)
        for width in range(90, 101):
            screen.post_message(Resize(Size(width, 30), Size(width, 30)))
        await wait_for(pilot, lambda: laid_out, "the size that there is now is laid out")
        assert laid_out == [Size(100, 30)]


async def test_what_a_batch_has_held_back_is_drawn_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not only when something else happens, as where modes are changed faster than their footers are made."""
    stand_still(monkeypatch, tmp_path)
    app, looked = make_app(), []  # type: ignore[var-annotated]
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await furnished(pilot, app)
        monkeypatch.setattr(screen, "check_idle", lambda: looked.append(app._batch_count))
        with app.batch_update():
            with app.batch_update():
                pass
            assert not looked
        assert looked == [0], "the screen looks for what is to be drawn"


@pytest.mark.parametrize("changes", TERMINALS[: scaled(2, 4)], ids=str)
def test_a_terminal_that_can_do_little(home: Path, digits_directory: Path, changes: dict[str, str]) -> None:
    with dashboard(home, digits_directory, **changes) as terminal:
        terminal.until_drawn("Run")
        terminal.press("2")
        terminal.press("1")
        leave(terminal)
        assert LEAVES_ALTERNATE_SCREEN in terminal.drawn


@pytest.mark.parametrize("moment", [number / 40 for number in range(scaled(3, 40))])
def test_leaving_before_everything_is_there(home: Path, digits_directory: Path, moment: float) -> None:
    with dashboard(home, digits_directory) as terminal:
        terminal.until_drawn("Run")
        time.sleep(moment)
        leave(terminal)


COMMANDS = [[], ["train", "--device", "cpu"], ["runs"], ["devices", "--json"], ["presets"], ["--help"]]
REDIRECTIONS = [">&-", "> /dev/full", ">&- 2>&-", "| true"]


@pytest.mark.parametrize("arguments", COMMANDS[:: scaled(2, 1)], ids=" ".join)
def test_a_standard_output_that_is_closed_is_no_traceback(home: Path, arguments: list[str]) -> None:
    command = [*DASHBOARD, *(["train", "--dataset", str(home), *arguments[1:]] if arguments[:1] == ["train"] else arguments)]
    for redirection in REDIRECTIONS[:: scaled(2, 1)]:
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$@" {redirection}', "sh", *command],
            stderr=subprocess.PIPE, env=environment(home), timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr, done.stderr.decode()


POINTS = scaled(20_000, 100_000)


async def test_a_run_of_very_many_epochs_is_opened_and_drawn(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch, tmp_path)
    run = Run.create(tmp_path / "runs", from_plain(small()), name="long")
    epochs = [
        EpochEnded(
            epoch=number, learning_rate=0.1, train_loss=1 / number, train_accuracy=1 - 1 / (number + 1), validation_loss=1 / number,
            validation_accuracy=0.9, seconds=0.1, samples_per_second=1.0, best_epoch=number,
        )
        for number in range(1, POINTS + 1)
    ]  # fmt: skip
    (run.path / "metrics.csv").write_text(to_csv(epochs))
    run.write_summary(state="finished", epochs=POINTS, best_epoch=POINTS)
    run.close()
    write_model(run.path)
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    app = make_app(runs_directory=tmp_path / "runs")
    async with app.run_test(size=(120, 40)) as pilot:
        await furnished(pilot, app)
        await pilot.press("6")
        await wait_for(pilot, lambda: "long" in screen_text(app), "the run is listed")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.client.run and len(app.client.run.epochs) == POINTS, "it is opened")
        await pilot.press("1")
        await wait_for(pilot, lambda: f"[{POINTS}]" in screen_text(app) and "━ train" in screen_text(app), "its last epoch is drawn")


IMPATIENT = "from engine import worker; from engine.runs.run import Run; Run.open.__func__.__defaults__ = (0.1,); worker.main()"


def test_two_that_would_go_on_with_one_run(home: Path, digits_directory: Path) -> None:
    """The second is refused in a sentence, whatever it is started by; the first goes on."""
    arguments = ["--device", "cpu", "--dataset", str(digits_directory), "--runs-dir", str(home / "runs")]
    endless = ["--preset", "quick", "--set", "training.epochs=100000", "--set", "early_stopping.mode=off", "--name", "mine"]
    impatient = ["--worker", shlex.join([sys.executable, "-P", "-c", IMPATIENT])]
    with subprocess.Popen(
        [*DASHBOARD, "train", *arguments, *endless], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(home)
    ) as first:
        deadline = time.monotonic() + PATIENCE
        while not (home / "runs" / "mine" / "checkpoint.safetensors").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        for command in (["train", "--resume", "mine", *arguments, *impatient], ["train", *arguments, *endless]):
            second = subprocess.run(
                [*DASHBOARD, *command], capture_output=True, text=True, env=environment(home), timeout=PATIENCE, check=False
            )
            assert second.returncode == 2
            assert "in use by another process" in second.stderr or "already a run 'mine'" in second.stderr
            assert "Traceback" not in second.stderr
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        assert first.wait(PATIENCE) == 143


FAULTY = """
import sys
from tui.app import DigitsApp
from tui.cli import main

def fail(self):
    raise ValueError("planted")

DigitsApp.action_quit = fail
sys.exit(main())
"""


def test_a_fault_of_the_dashboard_is_told_in_a_sentence_and_the_run_is_kept(home: Path, digits_directory: Path) -> None:
    script = home / "faulty.py"
    script.write_text(FAULTY)
    arguments = ["--device", "cpu", "--dataset", str(digits_directory), "--runs-dir", str(home / "runs"), "--preset", "quick"]
    with PseudoTerminal([sys.executable, "-P", str(script), *arguments, *ENDLESS], environment(home)) as terminal:
        terminal.until_drawn("Run")
        terminal.press("r")
        terminal.until(lambda: run_in(home), "an epoch is finished")
        terminal.press("q")
        assert terminal.end() == 1
        assert "something unforeseen happened: ValueError: planted" in terminal.text and "errors.log" in terminal.text
        assert "Traceback" not in terminal.text and LEAVES_ALTERNATE_SCREEN in terminal.drawn
        assert terminal.modes == terminal.cooked
        path = run_in(home)
        assert path is not None and read_summary(path).state == "interrupted"
        assert "Traceback" in (home / "state" / "digits-tui" / "log" / "errors.log").read_text()
