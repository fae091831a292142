"""Bad input of every kind ends with the documented exit code, a sentence that names it and a line that says what to do."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from dataset import Dataset
from engine import network
from engine.events import Failed, to_json
from engine.hyperparameters.choices import Initializer
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts, Model
from engine.model_file import save_model
from tui.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Logs and runs go here."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("DIGITS_TUI_RUNS_DIR", str(tmp_path / "runs"))


def write_model(path: Path, dataset: Dataset) -> Path:
    """An untrained model for that data."""
    facts = DatasetFacts.of(dataset)
    values = Hyperparameters()
    built = facts.network(values)
    parameters = network.initial_parameters(built, Initializer.HE_NORMAL, 1)
    save_model(path, Model(values, built, parameters, facts, epoch=1))
    return path


@pytest.fixture
def model(tmp_path, digits) -> Path:
    """A model file for 12x12 pixels."""
    return write_model(tmp_path / "small.safetensors", digits)


def refusal(code: int, *arguments: object) -> str:
    """The sentence that ``digits-tui`` ends with, after checking that nothing else is said but advice."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    *_, what, advice = result.stderr.splitlines()
    assert what.startswith("Error: ")
    assert advice
    assert "Traceback" not in result.output
    return what.removeprefix("Error: ")


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("network.hiden=[16]", "network.hiden is not a hyperparameter; did you mean network.hidden?"),
        ("training.batch_size='many'", "training.batch_size cannot be 'many'; it takes 1 <= whole number <= 8192"),
        ("network.hidden", "'network.hidden' is not KEY=VALUE"),
    ],
)
def test_set(assignment, expected):
    assert refusal(2, "train", "--set", assignment).startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[network]\nhiden = [16]\n", "network.hiden is not a hyperparameter; did you mean network.hidden?"),
        ("[training\n", "is not valid TOML: "),
        ("[optimizer]\nnesterov = true\n", "optimizer.nesterov needs optimizer.momentum above 0"),
    ],
)
def test_config(tmp_path, text, expected):
    config = tmp_path / "mine.toml"
    config.write_text(text)
    sentence = refusal(2, "train", "--config", config)
    assert sentence.startswith(str(config))
    assert expected in sentence


def test_config_that_is_not_there(tmp_path):
    assert refusal(2, "train", "--config", tmp_path / "none.toml") == f"{tmp_path / 'none.toml'} cannot be read: No such file or directory"


def test_preset():
    assert refusal(2, "train", "--preset", "qick").startswith("there is no preset 'qick'; did you mean quick?")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["trian"], "there is no command 'trian'; did you mean train?"),
        (["train", "--prest", "quick"], "No such option '--prest'."),
        (["evaluate"], "Missing argument 'RUN|FILE'."),
        (["dataset"], "Missing command."),
        (["--device", "cpu", "train"], "--device stands before train"),
        (["train", "--resume", "a", "--seed", "1"], "--seed cannot be given with --resume"),
        (["--worker", "it's"], "the worker cannot be started: a quote in it's is never closed; close it, or write \\ before it"),
        (["train", "--worker", 'a "b'], 'the worker cannot be started: a quote in a "b is never closed'),
        (["sweep", "--worker", "a 'b' \\"], "the worker cannot be started: the \\ at the end of a 'b' \\ stands before nothing"),
        (["train", "--worker", " "], "the worker cannot be started: its command is blank"),
        (["train", "--worker", "nosuchcmd worker"], "the worker cannot be started: there is no program nosuchcmd"),
        (["evaluate", "nothing"], "there is no run 'nothing' in "),
        (["evaluate", "nothing.safetensors"], "nothing.safetensors does not exist"),
        (["dataset", "verify", "mnst"], "there is no data set and no directory mnst; did you mean mnist?"),
    ],
)
def test_usage(arguments, expected):
    assert refusal(2, *arguments).startswith(expected)


def test_missing_data(tmp_path):
    assert refusal(2, "train", "--device", "cpu", "--dataset", tmp_path) == f"{tmp_path} holds no data set"


def test_damaged_data(tmp_path):
    (tmp_path / "mnist_train.csv").write_text("0,1,2,3,4\n1,2,3,4,400\n")
    (tmp_path / "mnist_test.csv").write_text("0,1,2,3,4\n")
    expected = f"{tmp_path / 'mnist_train.csv'}, line 2, column 5: '400' is not a whole number from 0 to 255"
    assert refusal(2, "train", "--device", "cpu", "--dataset", tmp_path) == expected
    assert refusal(2, "dataset", "verify", tmp_path) == expected


@pytest.mark.parametrize("device", ["nosuch", "999"])
def test_a_device_that_is_not_there(device, digits_directory):
    assert f"no device '{device}'" in refusal(3, "train", "--device", device, "--dataset", digits_directory)


def test_a_run_name_that_is_taken_or_cannot_be(tmp_path, digits_directory):
    (tmp_path / "runs" / "taken").mkdir(parents=True)
    arguments = ["train", "--device", "cpu", "--dataset", digits_directory]
    assert "already a run 'taken'" in refusal(2, *arguments, "--name", "taken")
    early = CliRunner().invoke(main, [str(argument) for argument in (*arguments, "--name", "taken", "--json")])
    assert (early.exit_code, early.stdout) == (2, ""), "it is refused before a data set is loaded and told of"
    assert "cannot be a run's name" in refusal(2, *arguments, "--name", "../x")
    assert "there is no run 'nothing'" in refusal(2, *arguments, "--resume", "nothing")


def test_a_model_that_does_not_fit_the_data(model):
    expected = "the model wants 12x12 pixels in 10 classes, the data set mnist has 28x28 pixels in 10 classes"
    assert refusal(2, "evaluate", model, "--dataset", "mnist") == expected


@pytest.mark.parametrize("command", ["evaluate", "showcase", "statistics"])
def test_a_model_whose_data_has_moved(digits, tmp_path, command):
    moved = write_model(tmp_path / "moved.safetensors", replace(digits, path=str(tmp_path / "nowhere")))
    assert refusal(2, command, moved) == f"the data set {digits.name} is no longer in {tmp_path / 'nowhere'}"
    unknown = write_model(tmp_path / "unknown.safetensors", replace(digits, path=""))
    assert refusal(2, command, unknown) == f"{digits.name} is not a registered data set, and its directory is not known"


def test_a_model_whose_data_has_changed_is_evaluated_with_a_note(digits, tmp_path):
    model = write_model(tmp_path / "model.safetensors", replace(digits, fingerprint="0" * 64))
    result = CliRunner().invoke(main, ["evaluate", str(model)])
    assert (result.exit_code, result.stderr) == (
        0,
        f"Note: the model was trained on what {digits.name} was then, which has changed since.\n",
    )


def test_a_model_file_that_is_damaged(model, digits_directory):
    whole = model.read_bytes()
    model.write_bytes(whole[:-1])
    assert refusal(2, "evaluate", model, "--dataset", digits_directory).startswith(str(model))
    model.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert refusal(2, "statistics", model, "--dataset", digits_directory).startswith(str(model))
    model.write_bytes(b"no model")
    assert refusal(2, "predict", model, model).startswith(str(model))


def test_pictures_that_cannot_be_read(model, tmp_path):
    assert refusal(2, "predict", model, tmp_path / "none.png") == f"{tmp_path / 'none.png'} does not exist"
    (tmp_path / "digit.png").write_text("no picture")
    assert "is neither a PNG, a JPEG nor an IDX file" in refusal(2, "predict", model, tmp_path / "digit.png")
    (tmp_path / "digit.png").write_bytes(b"\x89PNG\r\n\x1a\nxxx")
    said = refusal(2, "predict", model, tmp_path / "digit.png")
    assert said == f"{tmp_path / 'digit.png'} is damaged: it begins as a picture does, and goes on as none"


@pytest.mark.parametrize(
    ("kind", "code"), [("configuration", 2), ("data", 2), ("device", 3), ("divergence", 1), ("file", 1), ("internal", 1), ("protocol", 1)]
)
def test_what_the_worker_cannot_do(kind, code):
    event = to_json(Failed(kind=kind, message="it is so", advice="Do this."))
    worker = shlex.join([sys.executable, "-c", f"print({event!r})"])
    assert refusal(code, "train", "--worker", worker) == "it is so"


def test_a_worker_that_ends_before_its_time(digits_directory):
    assert (
        refusal(1, "train", "--worker", f"{sys.executable} -c pass", "--dataset", digits_directory)
        == "the worker ended unexpectedly with code 0"
    )


def test_a_worker_that_never_begins_says_why():
    complains = shlex.join([sys.executable, "-c", "import sys; sys.exit('box: Permission denied (publickey).')"])
    assert refusal(1, "train", "--worker", complains) == ("the worker ended unexpectedly with code 1: box: Permission denied (publickey).")
