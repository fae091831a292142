"""The command line: what it takes, what it prints, and how it ends."""

import importlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from rich.cells import cell_len

from dataset import Dataset, Split
from engine.events import Finished, Hint, Progress
from engine.hyperparameters.configuration import HyperparameterError
from engine.storage.lock import is_locked
from tui import shades
from tui.cli import COMMANDS, main
from tui.commandline.options import resolve
from tui.commandline.reporter import Reporter, progress
from tui.digits.showcase import texts

bench = importlib.import_module("tui.commandline.bench")
QUICKLY = ["--device", "cpu", "--preset", "quick", "--set", "training.batch_size=10", "--set", "network.hidden=[20]"]
EPOCH_LINE = re.compile(r"\[\d\d\] LR: \d\.\d\de-?\d+, Acc\.: +\d+\.\d\d%, Cost: \d+\.\d{3} +\d+\.\d\d m?s +[\d,]+/s")


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def output(*arguments: object) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Logs go here."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("DIGITS_TUI_DATASETS_DIR", str(tmp_path / "datasets"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory, digits_directory) -> Path:
    """A runs directory with one finished run, ``first``."""
    root = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(root))
        patch.setenv("XDG_STATE_HOME", str(root / "state"))
        arguments = ["train", "--dataset", digits_directory, *QUICKLY, "--set", "training.epochs=3", "--seed", "7"]
        text = output(*arguments, "--runs-dir", root, "--name", "first")
    lines = text.splitlines()
    assert lines[0].endswith("500 training and 100 test digits")
    assert lines[1] == f"3,110 parameters, 45 steps an epoch; run {root / 'first'}"
    assert all(EPOCH_LINE.fullmatch(line) for line in lines[2:5]), lines
    assert lines[5].startswith("Ended after 3 epochs (all epochs done); epoch ")
    assert re.fullmatch(r"Test accuracy: \d+\.\d\d%, loss: \d+\.\d{3}", lines[6])
    assert lines[7:] == [f"Run: {root / 'first'}"]
    return root


def test_help_names_every_command_and_imports_nothing_heavy():
    text = output("--help")
    assert all(re.search(rf"^  {name}  ", text, re.MULTILINE) for name in COMMANDS)
    for group in ((), ("runs",), ("dataset",)):
        assert "..." not in output(*group, "--help").partition("Commands:")[2]
    heavy = "{'numpy', 'pydantic', 'textual', 'wgpu'} & sys.modules.keys()"
    code = f"import sys, click; from tui.cli import main\ntry: main(['--help'])\nexcept SystemExit: sys.exit(str({heavy} or ''))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stderr.strip() == ""
    assert "Usage: digits-tui" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "error", "advice"),
    [
        (["dataset", "verfy"], "there is no command 'verfy'; did you mean verify?", "`digits-tui dataset --help` lists"),
        (["sweep", "--vary", "foo"], "foo is not a hyperparameter", "`digits-tui presets --json` shows every key"),
        (["train", "--config", "/nope.toml"], "/nope.toml cannot be read: No such file or directory", "Check the path"),
    ],
)
def test_advice_is_given_once_and_on_what_is_wrong(arguments: list[str], error: str, advice: str):
    what, how = invoke(*arguments).stderr.splitlines()
    assert what.endswith(error) and how.startswith(advice)


def test_bench_has_columns_for_what_it_measures_only(monkeypatch):
    measured = {
        "work": "S",
        "device": "CPU",
        "plan": {"name": "numpy", "threads": 1},
        "microseconds": 1.0,
        "samples_per_second": 1.0,
        "peak_mebibytes": 1,
    }
    times = {"97%": 3.0, "98%": None}
    for option, seconds_to in (([], {}), (["--to-accuracy"], times)):
        monkeypatch.setattr(bench, "_measurements", lambda *arguments, seconds_to=seconds_to: [{**measured, "seconds_to": seconds_to}])
        result = invoke("bench", *option)
        assert ("s to 97%" in result.stdout) == bool(option)
        assert "numpy, 1 thread " in result.stdout
        assert ("--to-accuracy" in result.stderr) != bool(option)


def test_the_last_step_of_an_epoch_counts_for_as_many_samples_as_it_has():
    from engine.benchmark import WORKS, samples_a_step

    assert [samples_a_step(WORKS[name], 60_000) for name in "SML"] == [4.0, 60_000 / 469, 60_000 / 235]


def test_version():
    assert re.fullmatch(r"digits-tui \d+\.\d+\.\d+\n", output("--version"))


def test_set_wins_over_config_which_wins_over_preset(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text("[training]\nbatch_size = 32\nepochs = 5\n")
    values = resolve("quick", config, ["training.epochs=7", "network.activation=relu"], seed=9)
    assert values.network.hidden == (128,)
    assert (values.training.batch_size, values.training.epochs, values.training.seed) == (32, 7, 9)
    assert values.network.activation == "relu"


def test_a_config_is_only_judged_together_with_its_preset(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text("[learning_rate.restart]\ninterval = 5\n")
    assert resolve("readme", config, []).learning_rate.restart.value == 1e-3
    with pytest.raises(HyperparameterError, match=r"mine\.toml: .*restart\.value must be above 0"):
        resolve("default", config, [])


def test_the_run_has_the_hyperparameters_that_were_asked_for(runs):
    text = (runs / "first" / "hyperparameters.toml").read_text()
    assert "seed = 7" in text
    assert "epochs = 3" in text


def test_json_passes_the_events_on(digits_directory, tmp_path):
    arguments = ["train", "--json", "--dataset", digits_directory, *QUICKLY, "--set", "training.epochs=2"]
    events = [json.loads(line) for line in output(*arguments, "--runs-dir", tmp_path).splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    names = [event["event"] for event in events if event["event"] in ("ready", "started", "epoch", "finished")]
    assert names == ["ready", "started", "epoch", "epoch", "finished"]


def test_evaluate(runs, digits_directory):
    text = output("evaluate", "first", "--runs-dir", runs)
    found = json.loads(output("evaluate", runs / "first", "--dataset", digits_directory, "--json"))
    assert f"Test accuracy: {found['accuracy']:.2%}, loss: {found['loss']:.3f}" in text
    assert sum(map(sum, found["confusion"])) == 100
    rows = text[text.index("Confusion") :].splitlines()[2:]
    assert [[int(cell) for cell in row.split()[1:]] for row in rows] == found["confusion"]


def test_a_model_file_is_taken_like_its_run(runs):
    file = runs / "first" / "model.safetensors"
    from_file, from_run = (json.loads(output("evaluate", model, "--json")) for model in (file, runs / "first"))
    assert from_file | {"model": ""} == from_run | {"model": ""}


def test_predict_ranks_the_classes_of_every_image(runs, digits, digits_directory, tmp_path):
    picture = tmp_path / "digit.png"
    Image.fromarray(digits.test.images[0].reshape(12, 12)).save(picture)
    idx = digits_directory / "t10k-images-idx3-ubyte"
    answers = json.loads(output("predict", runs / "first", picture, idx, "--json"))
    assert len(answers) == 101
    for answer in answers:
        probabilities = [item["probability"] for item in answer["ranking"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        assert answer["prediction"] == answer["ranking"][0]["class"] == str(np.argmax(answer["outputs"]))
    assert output("predict", runs / "first", idx).splitlines()[99].startswith(f"{idx} [100]: ")
    line = output("predict", runs / "first", picture).strip()
    assert line.startswith(f"{picture}: {answers[0]['prediction']} {answers[0]['ranking'][0]['probability']:.2%}  ")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_pictures_that_cannot_be_read_keep_no_others_from_being_read(runs, digits, tmp_path, options):
    seven, blank, missing = (tmp_path / f"{name}.png" for name in ("seven", "blank", "missing"))
    Image.fromarray(digits.test.images[0].reshape(12, 12)).save(seven)
    Image.new("L", (50, 50), 255).save(blank)
    result = invoke("predict", runs / "first", blank, seven, missing, *options)
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    assert [line for line in told if line.startswith("Error: ")] == [
        f"Error: {blank} shows no digit: it is nearly of one brightness",
        f"Error: {missing} does not exist",
    ]
    assert len(told) == 4, "a line on what to do goes with each"
    if options:
        assert [answer["image"] for answer in json.loads(result.stdout)] == [str(seven)]
    else:
        [line] = result.stdout.splitlines()
        assert line.startswith(f"{seven}: ")
        lines = result.output.splitlines()
        assert lines.index(told[0]) < lines.index(line) < lines.index(told[2]), "each in its place"


def test_predict_reads_the_standard_input(runs, digits, tmp_path):
    picture = tmp_path / "digit.png"
    Image.fromarray(digits.test.images[0].reshape(12, 12)).save(picture)
    [expected] = json.loads(output("predict", runs / "first", picture, "--json"))
    arguments = ["predict", str(runs / "first"), "-", "--json"]
    taken = CliRunner().invoke(main, arguments, input=picture.read_bytes())
    assert taken.exit_code == 0, taken.stderr
    assert json.loads(taken.stdout) == [expected | {"image": "-"}]
    refused = CliRunner().invoke(main, arguments, input=b"no picture")
    assert (refused.exit_code, refused.stdout) == (2, "[]\n")
    assert refused.stderr.startswith("Error: the standard input is neither a PNG, a JPEG nor an IDX file of images\n")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no file can be called so")
def test_what_a_file_is_called_does_not_lead_the_terminal_astray(runs, digits, tmp_path):
    picture = tmp_path / os.fsdecode(b"a\n\x1b[2J\xff.png")
    Image.fromarray(digits.test.images[0].reshape(12, 12)).save(picture)
    assert output("predict", runs / "first", picture).startswith(f"{tmp_path}/a??[2J?.png: ")
    assert json.loads(output("predict", runs / "first", picture, "--json"))[0]["image"] == f"{tmp_path}/a\n\x1b[2J?.png"
    assert invoke("predict", runs / "first", f"{picture}x").stderr.splitlines()[1] == "?[2J?.pngx does not exist"


def test_a_name_that_is_no_utf_8_is_refused_before_it_is_sent(monkeypatch, tmp_path):
    name = os.fsdecode(b"\xff")
    monkeypatch.setattr(sys, "argv", ["digits-tui", "train", "--device", name])
    result = invoke("train", "--device", name, "--runs-dir", tmp_path)
    assert (result.exit_code, result.stderr) == (2, "Error: ? is not text in UTF-8\nGive it a name that is.\n")


def test_showcase_draws_digits_with_targets_and_predictions(runs, digits):
    text = output("showcase", runs / "first", "--count", 2)
    assert text.count("Target: ") == text.count("Predictions:") == 2
    assert re.findall(r"Digit (\d+)$", text, re.MULTILINE) == ["1", "2"]
    drawn = shades.rows(digits.test.images[0].reshape(12, 12))
    assert [line[:24].ljust(24) for line in text.splitlines()[:12]] == drawn
    wrong = json.loads(output("evaluate", runs / "first", "--json"))["wrong"]
    text = output("showcase", runs / "first", "--count", 100, "--wrong")
    assert text.count("Target: ") == wrong


def test_showcase_has_probabilities_below_each_other_whatever_the_classes_are_called():
    images = np.zeros((1, 4), np.uint8)
    part = Split(images, np.zeros(1, np.uint8))
    data = Dataset("own", "", part, part, 2, 2, ("a", "круг", "漢字漢"), "")
    [text] = texts(data, [0], np.array([[0.25, 0.7, 0.05]], np.float32))
    figures = [line for line in text.splitlines() if line.endswith("%")]
    assert [line.split()[0] for line in figures] == ["круг", "a", "漢字漢"]
    assert len({cell_len(line) for line in figures}) == 1


def test_shades_run_from_black_to_white():
    assert shades.rows(np.array([[0, 127, 255]], np.uint8)) == ["  ==%%"]


def test_statistics(runs):
    text = output("statistics", runs / "first")
    document = json.loads(output("statistics", runs / "first", "--json"))
    assert all(f"\n{title}\n" in text for title in document["sections"])
    assert document["sections"]["Parameters"]["Total"] == "3,110"
    assert document["sections"]["Progress"]["Epochs trained"] == "3"
    assert document["hyperparameters"]["training"]["seed"] == 7


def test_lists(digits_directory):
    assert "\n0 " in output("devices")
    assert json.loads(output("devices", "--json"))["devices"][0]["kind"] == "cpu"
    assert output("presets").startswith("default ")
    assert json.loads(output("presets", "--json"))["readme"]["hyperparameters"]["network.hidden"] == [16, 16]
    assert output("dataset", "list").startswith("mnist ")
    assert [item["available"] for item in json.loads(output("dataset", "list", "--json"))] == [True, False, False, False]
    assert output("dataset", "verify").count(", as published") == 4
    assert json.loads(output("dataset", "verify", digits_directory, "--json"))["train"] == 500


def test_a_finished_run_that_is_resumed_says_how_it_ended(runs):
    assert "Ended after 3 epochs" in output("train", "--resume", "first", "--runs-dir", runs)


def test_the_dashboard_needs_a_terminal():
    result = invoke()
    assert result.exit_code == 2
    assert "digits-tui train" in result.stderr


def test_the_progress_says_how_long_epoch_and_run_will_take():
    event = Progress(epoch=3, step=25, steps=100, epochs=4, learning_rate=0.1, train_loss=0.3, train_accuracy=0.9, samples_per_second=100.0)
    expected = "[#####...............]  25%  epoch 3/4  1:15 left, 2:55 in all  100 digits/s  training accuracy 90.00%, loss 0.300"
    assert progress(event, batch_size=100) == expected


def test_what_nobody_foresaw_goes_to_the_log_and_not_to_the_user(monkeypatch):
    def broken(preset, config, assignments):
        raise ZeroDivisionError("a fault in the program")

    monkeypatch.setattr("tui.commandline.options.resolve", lambda *arguments: broken(*arguments[:3]))
    result = invoke("train")
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert first == "Error: something unforeseen happened: ZeroDivisionError: a fault in the program"
    log = Path(second.removeprefix("The details are in ").removesuffix("."))
    assert "in broken" in log.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_the_training_in_good_order(digits_directory, tmp_path, number, code):
    command = [sys.executable, "-m", "tui.cli", "train", "--dataset", digits_directory, *QUICKLY]
    command += ["--set", "training.epochs=100000", "--set", "early_stopping.mode=off", "--runs-dir", tmp_path, "--name", "long"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("[02]"):
                break
        process.send_signal(getattr(signal, number))
        _, errors = process.communicate()
    assert process.returncode == code
    assert errors == f"Interrupted. Go on with: digits-tui train --resume {tmp_path / 'long'}\n"
    assert (tmp_path / "long" / "checkpoint.safetensors").exists()
    assert not is_locked(tmp_path / "long" / ".lock")
    [listed] = json.loads(output("runs", "--runs-dir", tmp_path, "--json"))
    assert (listed["state"], listed["dataset_path"]) == ("interrupted", str(digits_directory))


FINISHING = """
import os, signal, sys
from engine.events import Finished, Ready, Started, to_json
from engine.hyperparameters.definitions import Hyperparameters

tell = lambda event: print(to_json(event), flush=True)

def finish(*arguments):
    tell(Finished(reason="epochs", epochs=1, best_epoch=1, test_accuracy=0.975, test_loss=0.1, run="/tmp/mine"))
    os._exit(0)

signal.signal(signal.SIGINT, finish)
device = {"index": 0, "name": "CPU", "kind": "cpu", "backend": "cpu", "driver": ""}
sys.stdin.readline()
data = {"name": "d", "path": "/d", "height": 2, "width": 2, "classes": ["0", "1"], "fingerprint": "f", "train": 1, "test": 1}
tell(Ready(device=device, devices=[device], note="", dataset=data, runs_directory="/tmp", versions={}))
sys.stdin.readline()
values = Hyperparameters().model_dump(mode="json")
plan = {"name": "numpy"}
tell(Started(run="/tmp/mine", hyperparameters=values, parameters=1, device=device, plan=plan, dataset=data,
             epochs=1, steps=1, first_epoch=1))
signal.pause()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_run_that_ends_as_the_signal_comes_says_how(digits_directory, tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(FINISHING)
    worker = shlex.join([sys.executable, str(script)])
    command = [sys.executable, "-m", "tui.cli", "train", "--worker", worker, "--dataset", digits_directory, *QUICKLY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("1 parameters"):
                break
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert "Test accuracy: 97.50%" in said


def test_why_early_stopping_ended_a_run_is_said(capsys):
    ended = Finished(reason="early_stopping", epochs=7, best_epoch=6, test_accuracy=0.95, test_loss=0.1, run="/r", explanation="no rise")
    Reporter().report(ended)
    assert capsys.readouterr().out.splitlines()[:2] == [
        "Ended after 7 epochs (early stopping); epoch 6 is kept.",
        "Early stopping: no rise.",
    ]


def test_a_hint_is_noted_once(capsys):
    reporter = Reporter()
    for message in ("it rises", "it has not fallen", "it rises"):
        reporter.report(Hint(kind="any", message=message))
    assert capsys.readouterr().err == "Note: it rises\nNote: it has not fallen\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_reader_that_has_seen_enough_is_no_error(runs, digits_directory):
    command = [sys.executable, "-m", "tui.cli", "showcase", runs / "first", "--dataset", digits_directory, "--count", "100"]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stdout:
        result = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, check=False)
    assert result.stderr == b""
