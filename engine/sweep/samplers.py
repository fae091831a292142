"""How a sweep suggests trials, and when it ends one early."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.extras import how_to_install
from engine.sweep.error import SweepError
from engine.sweep.quiet import quiet
from engine.sweep.space import Choices, Space

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

SAMPLERS = ("tpe", "cmaes", "qmc", "random")
PRUNERS = ("median", "halving", "off")
SHORT = 40
"""Trials up to which a sweep prunes by the median; above, by successive halving (Li et al., 2020), which is stricter."""
STARTUP_TRIALS = 10


def default_pruner(trials: int | None) -> str:
    return "median" if trials is not None and trials <= SHORT else "halving"


def check_sampler(name: str, spaces: Mapping[str, Space]) -> list[str]:
    """Sentences on what a person should know of it. Raises SweepError where it cannot be used."""
    if name == "qmc" and importlib.util.find_spec("scipy") is None:
        raise SweepError("the sampler qmc needs scipy", how_to_install("qmc"))
    choices = [key for key, space in spaces.items() if isinstance(space, Choices)]
    if name == "cmaes" and len(spaces) - len(choices) < 2:
        raise SweepError("the sampler cmaes needs two ranges to vary", "Vary another number, or take --sampler tpe.")
    if name in ("cmaes", "qmc") and choices:
        return [f"The sampler {name} knows ranges only: choices of {', '.join(choices)} are drawn at random."]
    return []


def sampler(name: str, seed: int, before: Sequence[FrozenTrial]) -> BaseSampler:
    """A sampler that goes on after the trials ``before``, without drawing again what it drew for them."""
    import numpy as np

    drawn = int(np.random.SeedSequence([seed, len(before)]).generate_state(1)[0])
    with quiet():
        from optuna import samplers
        from optuna.trial import TrialState

        match name:
            case "tpe":
                return samplers.TPESampler(seed=drawn, n_startup_trials=STARTUP_TRIALS)
            case "cmaes":
                known = [trial for trial in before if trial.state is TrialState.COMPLETE]
                source = known if len(known) >= STARTUP_TRIALS else None
                return samplers.CmaEsSampler(seed=drawn, warn_independent_sampling=False, source_trials=source)
            case "qmc":
                return samplers.QMCSampler(seed=seed, scramble=True, warn_independent_sampling=False)
            case _:
                return samplers.RandomSampler(seed=drawn)


def pruner(name: str) -> BasePruner:
    from optuna import pruners

    match name:
        case "median":
            return pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2)
        case "halving":
            return pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=3)
        case _:
            return pruners.NopPruner()
