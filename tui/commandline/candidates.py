"""What the shell offers where an option or an argument is being typed. A candidate that cannot be found out is left out, in silence."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import click
from click.shell_completion import CompletionItem

Completer: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]
FILES = CompletionItem("", type="file")
DIRECTORIES = CompletionItem("", type="dir")


def _completer(offer: Callable[[click.Context, str], Iterator[CompletionItem[str]]]) -> Completer:
    """Those of the candidates that begin with what is typed. An error would end up in the middle of the user's line."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        found: list[CompletionItem[str]] = []
        with contextlib.suppress(Exception):
            for item in offer(context, incomplete):
                if item.type != "plain" or item.value.startswith(incomplete):
                    found.append(item)
        return found

    return complete


def _runs(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    from engine.runs.index import list_runs
    from engine.runs.names import runs_directory
    from tui.formats import percent

    chosen = context.params.get("runs_directory")
    for summary in list_runs(runs_directory(chosen)):
        yield CompletionItem(summary.name, help=f"{percent(summary.best_accuracy)} {summary.state}")


def _runs_and_files(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    yield FILES
    yield from _runs(context, incomplete)


def _trash(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    from engine.runs.moves import list_trash
    from engine.runs.names import runs_directory
    from engine.sweep.moves import list_deleted_sweeps

    root = runs_directory(context.params.get("runs_directory"))
    for summary in list_trash(root):
        yield CompletionItem(summary.name)
    for sweep in list_deleted_sweeps(root):
        yield CompletionItem(sweep.name, help="a sweep")


def _presets(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    from engine.presets import PRESETS

    for preset in PRESETS.values():
        yield CompletionItem(preset.name, help=preset.summary)


def _devices(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    yield CompletionItem("auto", help="the best hardware adapter, or else the CPU")
    yield CompletionItem("cpu", help="the CPU")
    yield CompletionItem("gpu", help="the best adapter")
    from engine.devices import find_devices

    for device in find_devices():
        yield CompletionItem(str(device.index), help=device.name)


def _datasets(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    yield DIRECTORIES
    yield from _dataset_names(context, incomplete)


def _dataset_names(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    from dataset.registry import REGISTERED

    for entry in REGISTERED.values():
        yield CompletionItem(entry.name, help=entry.summary)


def _assignments(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    from engine.hyperparameters.table import HYPERPARAMETERS

    key, equals, _ = incomplete.partition("=")
    if not equals:
        for leaf in HYPERPARAMETERS.values():
            yield CompletionItem(f"{leaf.key}=", help=leaf.title)
    elif key in HYPERPARAMETERS:
        leaf = HYPERPARAMETERS[key]
        for value in leaf.choices or (("true", "false") if leaf.kind == "bool" else ()):
            yield CompletionItem(f"{key}={value}")


def _varied(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    from engine.hyperparameters.table import HYPERPARAMETERS

    for leaf in HYPERPARAMETERS.values():
        yield CompletionItem(leaf.key, help=leaf.title)


def _sweeps(context: click.Context, incomplete: str) -> Iterator[CompletionItem[str]]:
    from engine.runs.names import runs_directory
    from engine.sweep.stored import list_sweeps

    for study in list_sweeps(runs_directory(context.params.get("runs_directory"))):
        yield CompletionItem(study.stem)


def _among(names: Callable[[], Iterable[str]]) -> Completer:
    """Of a few names, which are not imported before they are needed."""
    return _completer(lambda context, incomplete: map(CompletionItem, names()))


def _samplers() -> Iterable[str]:
    from engine.sweep.samplers import SAMPLERS

    return SAMPLERS


def _pruners() -> Iterable[str]:
    from engine.sweep.samplers import PRUNERS

    return PRUNERS


def _executors() -> Iterable[str]:
    from engine.sweep.request import EXECUTORS

    return EXECUTORS


def _works() -> Iterable[str]:
    from engine.benchmark import WORKS

    return WORKS


runs = _completer(_runs)
trash = _completer(_trash)
runs_and_files = _completer(_runs_and_files)
presets = _completer(_presets)
devices = _completer(_devices)
datasets = _completer(_datasets)
dataset_names = _completer(_dataset_names)
assignments = _completer(_assignments)
varied = _completer(_varied)
sweeps = _completer(_sweeps)
samplers, pruners, executors, works = map(_among, (_samplers, _pruners, _executors, _works))
