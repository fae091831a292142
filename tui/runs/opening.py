"""A run that is over, from its files."""

from __future__ import annotations

from pathlib import Path

from engine import events
from engine.hyperparameters.configuration import plain
from engine.model import Model
from engine.model_file import MODEL_FILE, load_model
from engine.runs.history import History, read_changes, read_history, read_hyperparameters
from engine.runs.metrics import read_metrics
from engine.runs.names import is_run
from engine.runs.summary import Summary, read_summary
from engine.training.ensemble import member_events
from tui.runs.view import RunPhase, RunView


def open_run(path: Path) -> RunView:
    """The run of a directory, or the one that a model file is all there is of.

    Raises ModelFileError where its model cannot be used, RunError where its metrics cannot, and OSError.
    """
    model = load_model(path)
    history = read_history(path, model.hyperparameters)
    if not is_run(path):
        return _view(model, path, history, Summary(name=path.name, path=str(path), when=""), ())
    return _view(model, path / MODEL_FILE, history, read_summary(path), tuple(read_metrics(path)))


def stored_run(path: Path) -> RunView:
    """A run's hyperparameters, their changes and its epochs, without its model: to go on with it, or to see its curves beside others.

    Raises HyperparameterError, RunError, and OSError.
    """
    summary, hyperparameters = read_summary(path), read_hyperparameters(path)
    started = events.Started(
        run=str(path),
        hyperparameters=plain(hyperparameters),
        parameters=summary.parameters,
        device=summary.device,
        plan=summary.plan,
        dataset={"name": summary.dataset, "path": summary.dataset_path, "fingerprint": summary.dataset_fingerprint},
        epochs=hyperparameters.training.epochs * hyperparameters.ensemble.members,
        steps=0,
    )
    return RunView(
        hyperparameters=started.hyperparameters,
        preset=summary.preset or "",
        phase=RunPhase.OPENED,
        started=started,
        epochs=tuple(read_metrics(path)),
        changes=read_changes(path),
    )


def _view(model: Model, file: Path, history: History, summary: Summary, epochs: tuple[events.EpochEnded, ...]) -> RunView:
    hyperparameters = plain(history.began)
    started = events.Started(
        run=summary.path,
        hyperparameters=hyperparameters,
        parameters=model.network.parameter_count,
        device=summary.device,
        plan=summary.plan,
        dataset=model.dataset.model_dump(mode="json"),
        epochs=model.hyperparameters.training.epochs * model.hyperparameters.ensemble.members,
        steps=0,
    )
    ended = events.Finished(
        reason=summary.reason or "",
        explanation=summary.explanation,
        epochs=len(epochs),
        best_epoch=model.epoch,
        test_accuracy=model.test_accuracy,
        test_loss=model.test_loss,
        run=summary.path,
        phases=summary.phases,
    )
    return RunView(
        hyperparameters=hyperparameters,
        preset=summary.preset or "",
        phase=RunPhase.OPENED,
        started=started,
        epochs=epochs,
        changes=history.changes,
        members=member_events(model.hyperparameters, model.members),
        model=file,
        model_epoch=model.epoch,
        ended=ended,
    )
