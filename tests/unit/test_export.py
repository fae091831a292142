"""Exports, read back by the programs that they are for."""

import csv
import json
import re
import sys
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from click.testing import CliRunner, Result
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from dataset import Dataset
from engine import inference, network
from engine.data.deskew import deskewed
from engine.events import Changed
from engine.export import Source, onnx_deskew, report, tables, tensorboard
from engine.export import onnx as onnx_export
from engine.export.onnx_graph import Graph
from engine.extras import how_to_install
from engine.hyperparameters import configuration
from engine.hyperparameters.choices import Activation, Loss
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts, Member, Model
from engine.model_file import save_model
from engine.network import to_tensors
from engine.runs.history import History
from engine.runs.metrics import read_metrics
from tui.cli import main

TRAIN = ["--device", "cpu", "--set", "network.hidden=[20]", "--set", "training.epochs=3", "--set", "early_stopping.mode=off"]


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, digits_directory) -> Path:
    """A finished run, with event files beside it."""
    root = tmp_path_factory.mktemp("runs")
    result = invoke(
        "train", "--dataset", digits_directory, *TRAIN, "--runs-dir", root, "--name", "mine", "--tensorboard", root / "live", "--json"
    )
    assert result.exit_code == 0, result.output
    return root / "mine"


def model_of(digits: Dataset, **changes: object) -> Model:
    """A model with random parameters, biases, gains and shifts too."""
    values = configuration.replace(Hyperparameters(), {key.replace("__", "."): value for key, value in changes.items()})
    facts = DatasetFacts.of(digits)
    built = facts.network(values)
    parameters = network.initial_parameters(built, values.network.initializer, seed=5)
    generator = np.random.default_rng(6)
    for layer in built.layers:
        for row in range(layer.bias_row, layer.rows):
            layer.row(parameters, row)[:] += generator.normal(0, 0.3, layer.outputs)
    return Model(hyperparameters=values, network=built, parameters=parameters, dataset=facts, epoch=1)


def run_onnx(content: bytes, images: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert (session.get_inputs()[0].type, session.get_inputs()[0].shape) == ("tensor(uint8)", ["n", 12, 12])
    assert session.get_outputs()[0].shape == ["n", 10]
    return session.run(["probabilities"], {"images": images.reshape(-1, 12, 12)})[0]


@pytest.mark.parametrize(("activation", "loss", "layer_norm"), zip(Activation, cycle(Loss), cycle([False, False, True, True])))
def test_onnx_says_what_the_engine_says(digits, activation, loss, layer_norm):
    model = model_of(
        digits, network__activation=activation.value, network__loss=loss.value, network__layer_norm=layer_norm, network__hidden=[24, 17]
    )
    raw = inference.outputs(model.network, model.parameters, digits.test.images)
    expected = inference.probabilities(raw, model.network.loss)
    found = run_onnx(onnx_export.to_onnx(Source("mine", model)), digits.test.images)
    assert np.abs(found - expected).max() < 1e-6


def ensemble_of(digits: Dataset, **changes: object) -> Model:
    """Three networks with parameters of their own."""
    model = model_of(digits, ensemble__members=3, **changes)
    generator = np.random.default_rng(7)
    return model.of([Member(model.parameters * np.float32(generator.uniform(0.5, 2)), epoch) for epoch in (3, 6, 9)])


@pytest.mark.parametrize("deskewed", [0, 1, 3])
@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_onnx_of_an_ensemble_is_the_mean_of_its_members(digits, loss, deskewed):
    model = ensemble_of(digits, network__loss=loss, network__hidden=[24, 17], network__layer_norm=True, ensemble__deskewed=deskewed)
    expected = inference.probabilities(model.outputs(digits.test.images), model.network.loss)
    found = run_onnx(onnx_export.to_onnx(Source("mine", model)), digits.test.images)
    assert np.abs(found - expected).max() < 1e-6


def test_csv_names_the_member_of_a_parameter(digits):
    model = ensemble_of(digits, network__hidden=[])
    rows = list(csv.DictReader(tables.to_csv(Source("mine", model)).decode().splitlines()))
    assert len(rows) == 3 * model.network.parameter_count
    [last] = [row for row in rows if (row["member"], row["parameter"], row["output"]) == ("2", "bias", "9")]
    assert np.float32(last["value"]) == to_tensors(model.network, model.parameters)["layers.0.bias"][9]


def test_onnx_deskews_to_the_bit():
    shape = (40, 9, 13)
    images = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    images[::2] *= np.random.default_rng(2).random(shape)[::2] < 0.1
    images[0] = 0
    graph = Graph(onnx)
    graph.node("Identity", onnx_deskew.deskewed(graph, "images", *shape[1:]), output="found")
    kinds = (("images", onnx.TensorProto.UINT8), ("found", onnx.TensorProto.DOUBLE))
    ends = [[onnx.helper.make_tensor_value_info(name, kind, ["n", *shape[1:]])] for name, kind in kinds]
    model = onnx.helper.make_model(
        onnx.helper.make_graph(graph.nodes, "deskew", *ends, graph.initializers),
        opset_imports=[onnx.helper.make_opsetid("", onnx_export.OPSET)],
        ir_version=onnx_export.IR_VERSION,
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    [found] = session.run(["found"], {"images": images})
    np.testing.assert_array_equal(found.reshape(40, -1), deskewed(images.reshape(40, -1), *shape[1:]))


def test_onnx_spreads_evenly_where_squared_errors_outputs_are_all_negative(digits):
    model = model_of(digits, network__loss="squared_error", network__hidden=[])
    model.parameters[:] = 0
    last = model.network.layers[-1]
    last.row(model.parameters, last.bias_row)[:] = -1
    np.testing.assert_allclose(run_onnx(onnx_export.to_onnx(Source("mine", model)), digits.test.images[:2]), 0.1)


def test_onnx_of_a_trained_run_has_an_opset_and_metadata(trained, digits, tmp_path):
    assert invoke("export", trained, "--to", "onnx", "-o", "m.onnx").exit_code == 0
    content = Path("m.onnx").read_bytes()
    evaluated = json.loads(invoke("evaluate", trained, "--json").stdout)
    right = run_onnx(content, digits.test.images).argmax(axis=1) == digits.test.labels
    assert right.mean() == evaluated["accuracy"]
    loaded = onnx.load_from_string(content)
    assert [item.version for item in loaded.opset_import] == [17]
    metadata = {item.key: item.value for item in loaded.metadata_props}
    assert json.loads(metadata["classes"]) == list(digits.classes)
    assert metadata["dataset_fingerprint"] == digits.fingerprint
    assert json.loads(metadata["hyperparameters"])["network"]["hidden"] == [20]


def test_csv_holds_every_parameter_to_the_bit(digits):
    model = model_of(digits, network__layer_norm=True, network__hidden=[5])
    rows = list(csv.DictReader(tables.to_csv(Source("mine", model)).decode().splitlines()))
    assert len(rows) == model.network.parameter_count
    found = {name: np.full(tensor.shape, np.nan, np.float32) for name, tensor in to_tensors(model.network, model.parameters).items()}
    for row in rows:
        place = (int(row["output"]), *([int(row["input"])] if row["input"] else []))
        found[f"layers.{row['layer']}.{row['parameter']}"][place] = np.float32(row["value"])
    for name, tensor in to_tensors(model.network, model.parameters).items():
        np.testing.assert_array_equal(found[name], tensor)


def test_toml_is_what_config_takes(trained):
    assert invoke("export", trained, "--to", "toml", "-o", "-").stdout == (trained / "hyperparameters.toml").read_text()


def test_the_report_holds_all_of_a_run_and_needs_nothing_else(trained, digits):
    result = invoke("export", trained, "--to", "html")
    assert (result.exit_code, result.stdout) == (0, "Written: mine.html\n")
    page = Path("mine.html").read_text()
    for explained in ("Accuracy: the share of digits", "Loss: how wrong", "Learning rate: how far", "Calibration: how often it is right"):
        assert explained in page
    assert "default-src 'none'" in page
    outside_scripts = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(src|href)=|https?:|@import|url\(", outside_scripts)
    assert not re.search(r"<script[^>]+src=", page)
    evaluated = json.loads(invoke("evaluate", trained, "--json").stdout)
    assert f"<dt>Test accuracy</dt><dd>{evaluated['accuracy']:.2%}</dd>" in outside_scripts
    names, counts = (json.dumps(part).replace(" ", "") for part in (list(digits.classes), evaluated["confusion"]))
    assert f'"customdata":{counts}' in page and f'"x":{names},"y":{names}' in page
    curves = [[getattr(epoch, f"{part}_accuracy") for epoch in read_metrics(trained)] for part in ("train", "validation")]
    assert all(f'"y":{json.dumps(curve)}'.replace(" ", "") in page for curve in curves)
    assert page.count("Plotly.newPlot(") == 5
    for title in ("epoch", "prediction", "target", "probability of the prediction", "share that is right"):
        assert f'"title":{{"text":"{title}"}}' in page
    assert '"autorange":"reversed"' in page, "the first target is on top"
    assert "<code>network.hidden</code></td><td><code>[20]</code>" in outside_scripts
    assert all(f'"{name}"' in page for name in digits.classes)


def test_the_report_escapes_what_people_wrote(digits):
    model = model_of(digits)
    page = report.to_html(Source("<script>alert(1)</script>", model)).decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "The data set is not here" in page


def test_a_run_that_was_changed_while_it_trained_says_so(digits):
    model = model_of(digits)
    change = Changed(key="regularization.dropout.hidden", value=0.3, epoch=2, step=0)
    source = Source("mine", model, History(configuration.replace(model.hyperparameters, {change.key: 0.1}), (change,)))
    comment, *_ = text = tables.to_toml(source).decode().splitlines()
    assert comment == "# Changed while it trained: regularization.dropout.hidden 0.1, from epoch 2 on 0.3"
    assert configuration.from_toml("\n".join(text), "mine") == source.trained_with.began
    assert report.to_html(source).decode().count("0.1, from epoch 2 on 0.3") == 2
    tensorboard.write_events(source, Path("events"))
    events = EventAccumulator("events")
    events.Reload()
    [described] = events.Tensors("hyperparameters/text_summary")
    assert comment in described.tensor_proto.string_val[0].decode()


def scalars(directory: Path) -> dict[str, list[tuple[int, float]]]:
    events = EventAccumulator(str(directory))
    events.Reload()
    return {tag: [(item.step, item.value) for item in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


@pytest.mark.parametrize("is_live", [True, False])
def test_tensorboard_reads_the_curves(trained, is_live):
    directory = trained.parent / "live" / "mine"
    if not is_live:
        directory = Path("events")
        assert invoke("export", trained, "--to", "tensorboard", "-o", directory).exit_code == 0
        assert not list(Path().glob(".events*"))
    found = scalars(directory)
    epochs = read_metrics(trained)
    for tag, field in (("loss/train", "train_loss"), ("accuracy/validation", "validation_accuracy"), ("learning_rate", "learning_rate")):
        assert found[tag] == [(epoch.epoch, pytest.approx(getattr(epoch, field))) for epoch in epochs]
    assert len(found["accuracy/test"]) == 1


@pytest.mark.parametrize(("form", "name"), [("toml", "mine.toml"), ("tensorboard", "mine-tensorboard")])
def test_nothing_is_overwritten_unless_forced(trained, form, name):
    assert invoke("export", trained, "--to", form).exit_code == 0
    before = sorted(Path(name).glob("*")) or Path(name).read_bytes()
    refused = invoke("export", trained, "--to", form)
    assert (refused.exit_code, refused.stderr.startswith(f"Error: {name} ")) == (2, True)
    assert (sorted(Path(name).glob("*")) or Path(name).read_bytes()) == before
    assert invoke("export", trained, "--to", form, "--force").exit_code == 0
    assert form == "toml" or len(list(Path(name).iterdir())) == 1


def test_a_directory_is_never_overwritten_by_a_file(trained):
    Path("there").mkdir()
    for options in ((), ("--force",)):
        refused = invoke("export", trained, "--to", "csv", "-o", "there", *options)
        assert (refused.exit_code, refused.stderr) == (2, "Error: there is a directory, not a file\nGive a file with -o.\n")


def test_event_files_do_not_go_to_the_standard_output(trained):
    refused = invoke("export", trained, "--to", "tensorboard", "-o", "-")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("Error: event files cannot go to the standard output")
    assert not Path("-").exists()


def test_what_cannot_be_written_is_named_as_it_was_given(trained):
    refused = invoke("export", trained, "--to", "toml", "-o", "nowhere/mine.toml")
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"Error: {Path('nowhere/mine.toml')} cannot be written: ")


@pytest.mark.parametrize(
    ("package", "arguments"),
    [
        ("onnx", ["export", "RUN", "--to", "onnx"]),
        ("plotly", ["export", "RUN", "--to", "html"]),
        ("tensorboardX", ["export", "RUN", "--to", "tensorboard"]),
        ("tensorboardX", ["train", "--tensorboard", "events"]),
    ],
)
def test_a_missing_package_is_named(trained, monkeypatch, package: str, arguments: Sequence[str]):
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    result = invoke(*(trained if argument == "RUN" else argument for argument in arguments))
    assert result.exit_code == 2
    what, advice = result.stderr.splitlines()
    assert f"needs the package {package}, which is not installed" in what
    assert advice == how_to_install("export") and package.lower() in advice.lower()


def test_a_model_file_can_be_exported_too(digits, tmp_path):
    save_model(tmp_path / "other.safetensors", model_of(digits))
    assert invoke("export", "other.safetensors", "--to", "onnx").stdout == "Written: other.onnx\n"
    refused = invoke("export", "other.safetensors", "--to", "tensorboard")
    assert refused.stderr.splitlines()[0] == "Error: other has no epochs to show"
