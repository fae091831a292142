"""What is entered for the next sweep: the texts of its fields, what they mean, and what is wrong with them. Knows no widgets."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dataset import DEFAULT_DATASET
from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import HyperparameterError
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.runs.error import RunError
from engine.runs.names import check_name
from engine.sweep import executors
from engine.sweep.error import SweepError
from engine.sweep.request import DEFAULT_TRIALS, EXECUTORS, SEEDS, TOP, Request
from engine.sweep.samplers import PRUNERS, SAMPLERS, check_sampler, default_pruner
from engine.sweep.space import DEFAULT_KEYS, Space, parse_space
from tui.form.draft import command_line, concerned, shown, title
from tui.wording import with_advice

AUTOMATIC = "automatic"
VARIABLE = tuple(leaf.key for leaf in HYPERPARAMETERS.values() if leaf.search)
"""The hyperparameters that a sweep may vary."""
TITLES = {"learning_rate.initial": "Learning rate", "early_stopping.mode": "Early stopping"}
"""Of hyperparameters whose own titles say too little outside their group."""


@dataclass(frozen=True)
class Field:
    """One that is no hyperparameter; ``key`` is that of ``Request``."""

    key: str
    title: str
    help: str
    default: str = ""
    choices: tuple[str, ...] = ()
    kind: type = str
    """What its text is read as; nothing stands for None."""


BUDGET = (
    Field("name", "Name", "You go on with the sweep by its name. Without one, it is named by date and time."),
    Field("trials", "Trials", "How many networks are trained, each with other hyperparameters.", str(DEFAULT_TRIALS), kind=int),
    Field("minutes", "Minutes", "No trial is begun after so many. With trials too, whichever comes first ends the search.", kind=float),
)
METHOD = (
    Field(
        "sampler",
        "Sampler",
        "How trials are suggested. tpe learns from the trials before; cmaes too, from ranges; qmc spreads evenly; random does not learn.",
        "tpe",
        SAMPLERS,
    ),
    Field(
        "pruner",
        "Pruner",
        "Ends hopeless trials early: those below the median, or, more strictly, by successive halving. By itself it takes halving "
        "for more than 40 trials.",
        AUTOMATIC,
        (AUTOMATIC, *PRUNERS),
    ),
    Field(
        "executor",
        "Executor",
        "What trains: processes on this machine, a population of networks at once on a GPU, or a Dask cluster.",
        "processes",
        EXECUTORS,
    ),
    Field("cluster", "Cluster", "The Dask scheduler's address, tcp://HOST:PORT or tls://HOST:PORT."),
    Field("jobs", "At once", "How many trials are trained at once. Left empty: one an adapter, or one a core.", kind=int),
    Field("top", "Best", "How many of the best trials are trained again with fresh seeds.", str(TOP), kind=int),
    Field(
        "seeds",
        "Fresh seeds",
        "With how many; the highest mean wins, so that a lucky seed does not. 0 leaves it out.",
        str(SEEDS),
        kind=int,
    ),
    Field("seed", "Sampler's seed", "With the same one, the sampler begins with the same suggestions.", "0", kind=int),
)
FIELDS: Mapping[str, Field] = {field.key: field for field in (*BUDGET, *METHOD)}


def label(key: str) -> str:
    """What a hyperparameter is called outside its group, such as ``Learning rate`` or ``Dropout hidden``."""
    return TITLES.get(key) or title(key)


class SweepDraft:
    """``base`` is what the trials have in common: the values of the form, None while these are wrong. ``exists`` says whether there is
    a sweep of a name.
    """

    def __init__(self, exists: Callable[[str], bool], entries: Mapping[str, Any]) -> None:
        self._exists = exists
        self._entries = {key: field.default for key, field in FIELDS.items()}
        self._entries |= {key: HYPERPARAMETERS[key].search if key in DEFAULT_KEYS else "" for key in VARIABLE}
        self._entries |= {key: text for key, text in entries.items() if key in self._entries and isinstance(text, str)}
        self.base: Hyperparameters | None = None
        self.problems: dict[str, str] = {}
        """A sentence for each field that is wrong, by its key."""
        self.notes: list[str] = []
        """What a person should know of what is entered."""
        self.request: Request | None = None
        """None while something is wrong; without what only the dashboard knows, such as the device."""

    @property
    def entries(self) -> dict[str, str]:
        return dict(self._entries)

    def text(self, key: str) -> str:
        return self._entries[key]

    def set(self, key: str, text: str) -> None:
        self._entries[key] = text.strip()
        self.check()

    def begin_from(self, base: Hyperparameters | None) -> None:
        self.base = base
        self.check()

    @property
    def varied(self) -> list[str]:
        """The keys of what varies."""
        return [key for key in VARIABLE if self._entries[key]]

    def fixed_text(self, key: str) -> str:
        """The value that a hyperparameter has where it does not vary."""
        return shown(configuration.get(self.base, key)) if self.base is not None else ""

    @property
    def reason(self) -> str:
        """Why there is nothing to run; empty where there is."""
        if self.base is None:
            return "the hyperparameters of the Train form are wrong"
        return next(iter(self.problems.values()), "")

    @property
    def to_remember(self) -> dict[str, str] | None:
        """The texts for the next sweep, without the name, which is of one; None while one of them is wrong."""
        if self.base is None or self.problems.keys() - {"name"}:
            return None
        return {key: text for key, text in self._entries.items() if key != "name"}

    @property
    def pruner(self) -> str:
        """The one that is going to be used."""
        chosen = self._entries["pruner"]
        return default_pruner(self.request.trials if self.request else None) if chosen == AUTOMATIC else chosen

    def command_line(self, given: Request, preset: str) -> str:
        """The command that does the same without the dashboard. ``preset`` is where the form's values begin."""
        assert self.base is not None
        words = ["digits-tui", "sweep", *shlex.split(command_line(self.base, preset, given.device, given.dataset or DEFAULT_DATASET))[2:]]
        for key in self.varied:
            words += ["--vary", f"{key}={self._entries[key]}"]
        if given.worker is not None:
            words += ["--worker", shlex.join(given.worker)]
        for key, field in FIELDS.items():
            if (text := self._entries[key]) not in (field.default, "") or key == "trials":
                words += [f"--{key}", text] if text else []
        return shlex.join(words)

    # What is wrong

    def check(self) -> None:
        self.problems, self.notes, self.request = {}, [], None
        values = {key: self._read(field) for key, field in FIELDS.items()}
        self._check_name(values)
        self._check_fields(values)
        spaces = self._spaces()
        if self.base is not None and not self.base.training.validation_split:
            self.problems.setdefault(
                "trials", "training.validation_split has to be above 0 in the Train form: trials are judged by validation accuracy"
            )
        if spaces is not None:
            try:
                self.notes = check_sampler(values["sampler"], spaces) + executors.notes(values["executor"], spaces)
            except SweepError as error:
                self.problems.setdefault("sampler", with_advice(error))
        if not self.problems and self.base is not None:
            vary = [f"{key}={self._entries[key]}" for key in self.varied]
            self.request = Request(**values, vary=vary, hyperparameters=configuration.plain(self.base))

    def _read(self, field: Field) -> Any:
        text = self._entries[field.key]
        if not text or text == AUTOMATIC:
            return int(field.default) if field.kind is int and field.default and field.key != "trials" else None
        try:
            return field.kind(text)
        except ValueError:
            wanted = "a whole number" if field.kind is int else "a number"
            self.problems[field.key] = f"{field.title}: {text!r} is not {wanted}"
            return None

    def _check_name(self, values: Mapping[str, Any]) -> None:
        name = values["name"]
        if name is None:
            return
        try:
            check_name(name)
        except RunError as error:
            self.problems["name"] = with_advice(error)
            return
        if self._exists(name):
            self.problems["name"] = f"there is a sweep {name} already: open it to go on with it, or choose another name"

    def _check_fields(self, values: Mapping[str, Any]) -> None:
        for key in FIELDS:
            pair = {key: values[key]} if key not in ("executor", "cluster") else {name: values[name] for name in ("executor", "cluster")}
            if key in self.problems or pair[key] is None:
                continue
            try:
                replace(Request(), **pair).check()
            except SweepError as error:
                self.problems.setdefault("cluster" if key == "executor" else key, with_advice(error))

    def _spaces(self) -> dict[str, Space] | None:
        """What varies, where nothing of it is wrong."""
        if self.base is None:
            return None
        if not self.varied:
            self.problems.setdefault("vary", "nothing varies: choose what does, below")
            return None
        for key in self.varied:
            try:
                parse_space([f"{key}={self._entries[key]}"], self.base)
            except HyperparameterError as error:
                self.problems[key] = error.problems[0]
        if any(key in self.problems for key in self.varied):
            return None
        try:
            return parse_space([f"{key}={self._entries[key]}" for key in self.varied], self.base)
        except HyperparameterError as error:
            self.problems[concerned(error.problems[0]) or self.varied[0]] = error.problems[0]
        return None
