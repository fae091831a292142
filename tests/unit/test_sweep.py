"""Sweeps from request to winner, on tiny networks; without warnings, which are errors here."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from engine import inference
from engine.evaluation import evaluate
from engine.events import to_json
from engine.hyperparameters.configuration import HyperparameterError, read_toml
from engine.hyperparameters.definitions import Hyperparameters
from engine.model_file import load_model
from engine.sweep import events, executors
from engine.sweep.error import SweepError
from engine.sweep.quiet import quiet
from engine.sweep.replay import replay
from engine.sweep.results import Row, SeedRun, best_first, ranking
from engine.sweep.samplers import SAMPLERS
from engine.sweep.space import parse_space
from engine.sweep.stored import list_sweeps, read_sweep
from engine.sweep.study import Study
from engine.sweep.study_file import StudyFile
from tests.faults.sweep_support import request, run


@pytest.fixture(scope="module")
def swept(tmp_path_factory, digits_directory):
    """A sweep of twelve trials, the best two of which were trained again with two seeds: root, end, events."""
    root = tmp_path_factory.mktemp("swept")
    finished, told = run(request(root, digits_directory, trials=12, sampler="tpe", pruner="median", top=2, seeds=2))
    return root, finished, told


def test_events_come_in_order(swept):
    _, finished, told = swept
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert isinstance(told[0], events.SweepStarted) and told[-1] is not finished and told[-1].rows == finished.rows
    for trial in range(12):
        own = [event for event in told if getattr(event, "trial", None) == trial and event.name.startswith("trial_")]
        names = [event.name for event in own]
        assert names == ["trial_started", *["trial_epoch"] * (len(names) - 2), "trial_ended"]
        assert own[-1].row["curve"] == tuple(event.validation_accuracy for event in own[1:-1])
        row = own[-1].row
        assert row["state"] == "pruned" or row["value"] == own[-2].validation_accuracy
        assert row["value"] == row["curve"][row["best_epoch"] - 1]
    best = [event.value for event in told if isinstance(event, events.Best)]
    assert best == sorted(best) and best[-1] == finished.rows[0]["value"]
    for event in told:
        again = events.from_json(to_json(event))
        assert type(again) is type(event) and to_json(again) == to_json(event)


def test_the_study_is_one_that_optuna_reads(swept):
    root, finished, _ = swept
    with quiet():
        import optuna

        study = optuna.load_study(study_name="tiny", storage=f"sqlite:///{root / 'sweeps' / 'tiny.db'}")
    trials = study.trials
    study._storage._backend.engine.dispose()
    assert [trial.number for trial in trials] == list(range(12))
    assert study.direction is optuna.study.StudyDirection.MAXIMIZE
    by_number = {row["trial"]: row for row in finished.rows}
    for trial in trials:
        row = by_number[trial.number]
        assert trial.state.name.lower() == row["state"] and trial.value == row["value"]
        assert tuple(trial.intermediate_values.values()) == row["curve"]
        assert trial.params == row["parameters"]
        assert [epoch["epoch"] for epoch in trial.user_attrs["epochs"]] == list(range(1, len(row["curve"]) + 1))


def test_what_was_found_is_read_again_without_a_coordinator(swept):
    root, finished, told = swept
    [path] = list_sweeps(root)
    stored = read_sweep(path)
    assert (stored.name, stored.trials, stored.minutes, stored.is_running) == ("tiny", 12, None, False)
    assert [row.plain() for row in stored.rows] == finished.rows
    assert stored.winner == finished.winner
    assert stored.ranking == next(event.ranking for event in told if isinstance(event, events.Seeds))
    with pytest.raises(SweepError, match="there is no sweep 'other'"):
        read_sweep(path.with_stem("other"))


def test_what_was_found_is_told_once_more(swept):
    root, finished, told = swept
    again = list(replay(root / "sweeps" / "tiny.db"))
    assert [event.name for event in again] == ["sweep_started", "importance", "seeds", "sweep_finished"]
    for event in again[1:]:
        first = [other for other in told if type(other) is type(event)][-1]
        assert to_json(event) == to_json(replace(first, seq=0, time=0.0))
    assert again[0].rows == finished.rows and again[0].space == told[0].space


def test_importance_is_told_while_trials_go_on_and_after_them(tmp_path, digits_directory):
    _, told = run(request(tmp_path, digits_directory, trials=13, **{"training.epochs": 1}))
    importance = [event for event in told if isinstance(event, events.Importance)]
    assert [event.trials for event in importance] == [10, 11, 13, 13]
    assert [event.name for event in told[-3:]] == ["importance", "importance", "sweep_finished"]
    assert all(event.method == "PED-ANOVA" and sum(event.values.values()) == pytest.approx(1) for event in importance)


def test_the_winner_has_the_best_mean_and_is_tested_with_its_models(swept, digits):
    root, finished, told = swept
    [seeds] = [event for event in told if isinstance(event, events.Seeds)]
    assert [entry["mean"] for entry in seeds.ranking] == sorted((entry["mean"] for entry in seeds.ranking), reverse=True)
    winner = finished.winner
    assert winner["trial"] == seeds.ranking[0]["trial"]
    assert winner["mean"] == pytest.approx(np.mean(winner["values"]))
    assert winner["deviation"] == pytest.approx(np.std(winner["values"], ddof=1))
    models = [load_model(path) for path in map(type(root), finished.models)]
    assert [model.hyperparameters.training.seed for model in models] == [1, 2]
    assert [model.test_accuracy for model in models] == [None, None]
    tested = [
        evaluate(inference.outputs(model.network, model.parameters, digits.test.images), digits.test.labels, model.network.loss).accuracy
        for model in models
    ]
    assert winner["test_values"] == tested
    kept = read_toml(type(root)(finished.config))
    assert kept.learning_rate.initial == winner["parameters"]["learning_rate.initial"] and kept.training.seed == 0


def test_only_the_models_of_the_best_are_kept(swept):
    root, finished, _ = swept
    directory = root / "sweeps" / "tiny"
    best = [row["trial"] for row in finished.rows if row["state"] == "complete"][:2]
    kept = {f"trial-{trial}.safetensors" for trial in best} | {f"seed-{finished.winner['trial']}-{seed}.safetensors" for seed in (1, 2)}
    assert {path.name for path in directory.iterdir()} == kept | {"best.toml", "workers.log"}


def test_a_finished_sweep_costs_nothing_and_is_gone_on_with(swept, digits_directory, monkeypatch):
    root, finished, _ = swept
    asked = request(root, digits_directory, trials=None, vary=None, sampler=None, pruner=None, hyperparameters=None, top=2, seeds=2)
    with monkeypatch.context() as patch:
        patch.setattr("engine.sweep.executors.processes.Processes.start", lambda self: pytest.fail("nothing is left to train"))
        again, told = run(asked)
    assert again.rows == finished.rows and again.winner == finished.winner
    assert [event.name for event in told] == ["sweep_started", "importance", "seeds", "sweep_finished"]
    more, told = run(type(asked)(**asdict(asked) | {"trials": 14}))
    assert len(more.rows) == 14 and more.rows[0]["value"] >= finished.rows[0]["value"]
    assert {event.trial for event in told if isinstance(event, events.TrialStarted)} == {12, 13}


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_sampler_repeats_itself_when_gone_on_with(tmp_path, digits_directory, sampler):
    ranges = ["learning_rate.initial", "regularization.dropout.hidden", "network.activation=relu|tanh"]
    changes = {"sampler": sampler, "vary": ranges, "training.epochs": 1}
    run(request(tmp_path, digits_directory, trials=3, **changes))
    finished, told = run(request(tmp_path, digits_directory, trials=6, **changes))
    assert len({row["parameters"]["learning_rate.initial"] for row in finished.rows}) == 6
    assert [row["state"] for row in finished.rows] == ["complete"] * 6
    assert bool(told[0].notes) == (sampler in ("cmaes", "qmc"))


def test_minutes_end_a_sweep(tmp_path, digits_directory):
    finished, _ = run(request(tmp_path, digits_directory, trials=None, minutes=1e-4))
    assert finished.reason == "minutes"
    seconds = finished.seconds
    finished, _ = run(request(tmp_path, digits_directory, trials=None, minutes=1e-4))
    assert finished.seconds >= seconds


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sampler": "tpe"}, "has sampler random"),
        ({"pruner": "median"}, "has pruner off"),
        ({"seed": 3}, "has seed 0"),
        ({"vary": ["learning_rate.initial"]}, "has vary learning_rate.initial=0.0001..0.1:log network.activation=relu|tanh"),
        ({"training.epochs": 4}, "has training.epochs 3"),
        ({"dataset": "mnist"}, "was begun on other data"),
    ],
)
def test_another_sweep_under_the_same_name_is_refused(tmp_path_factory, digits_directory, changes, sentence):
    root = tmp_path_factory.getbasetemp() / "refused"
    root.mkdir(exist_ok=True)
    run(request(root, digits_directory, trials=1, **{"training.epochs": 3}))
    with pytest.raises(SweepError, match=sentence.replace("|", r"\|")):
        run(request(root, digits_directory, trials=2, **changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sampler": "grid"}, "there is no sampler 'grid'"),
        ({"trials": 0}, "trials cannot be 0"),
        ({"executor": "dask"}, "go together"),
        ({"executor": "dask", "cluster": "10.0.0.1"}, "'10.0.0.1' is not the address of a cluster"),
        ({"sampler": "cmaes"}, "needs two ranges"),
        ({"name": "../x"}, "cannot be a run's name"),
        ({"training.validation_split": 0.0}, "training.validation_split has to be above 0"),
        ({"vary": ["learning_rate"]}, "is not a hyperparameter"),
    ],
)
def test_a_request_that_makes_no_sense_leaves_nothing_behind(tmp_path, digits_directory, changes, sentence):
    with pytest.raises((SweepError, HyperparameterError, ValueError), match=sentence):
        run(request(tmp_path, digits_directory, **changes))
    assert list(tmp_path.iterdir()) == []


def test_five_failures_and_no_success_end_a_sweep(tmp_path, digits_directory):
    exploding = {"optimizer.name": "sgd", "network.loss": "squared_error", "network.activation": "relu"}
    asked = request(tmp_path, digits_directory, trials=9, vary=["learning_rate.initial=1e29|1e30"], **exploding)
    with pytest.raises(SweepError, match="the first 5 trials have all failed, the last one because training diverged"):
        run(asked)


def test_the_epoch_of_a_pruned_trial_is_that_of_its_accuracy(tmp_path):
    spaces = parse_space(["learning_rate.initial=1e-4..1e-2"], Hyperparameters())
    for _ in range(2):
        file = StudyFile(tmp_path / "falling.db")
        study = Study(file, spaces, "random", "off", 0)
        if not study.rows:
            trial = study.suggest().trial
            for epoch, accuracy in enumerate((0.7, 0.9, 0.8), start=1):
                study.report(trial, {"epoch": epoch, "validation_accuracy": accuracy, "seconds": 1.0})
            study.prune(trial)
        [row] = study.rows.values()
        file.close()
        assert (row.value, row.best_epoch, row.epochs) == (0.8, 3, 3)


def test_rows_are_sorted_by_state_and_value():
    rows = [
        Row(0, "failed", {}),
        Row(1, "complete", {}, 0.5),
        Row(2, "pruned", {}, 0.99),
        Row(3, "complete", {}, 0.9, validation_loss=0.3),
        Row(4, "complete", {}, 0.9, validation_loss=0.2),
    ]
    assert [row.trial for row in best_first(rows)] == [4, 3, 1, 2, 0]


def test_a_configuration_that_fails_with_one_seed_does_not_win():
    rows = {trial: Row(trial, "complete", {}) for trial in (1, 2)}
    runs = [SeedRun(1, 1, 0.99), SeedRun(1, 2, None, "it diverged"), SeedRun(2, 1, 0.5), SeedRun(2, 2, 0.6)]
    first, second = ranking(runs, rows)
    assert (first["trial"], first["mean"], first["failed"]) == (2, pytest.approx(0.55), 0)
    assert (second["trial"], second["mean"], second["failed"], second["deviation"]) == (1, 0.99, 1, None)


def test_what_a_population_cannot_do_is_told():
    assert executors.notes("population", ["learning_rate.initial", "training.batch_size"]) == [
        "Only trials with the same training.batch_size are trained together."
    ]
    assert not executors.notes("population", ["learning_rate.initial"]) and not executors.notes("processes", ["training.batch_size"])
    cpu = {"name": "CPU", "kind": "cpu"}
    assert "need a GPU" in executors.unfit("population", cpu) and not executors.unfit("processes", cpu)
