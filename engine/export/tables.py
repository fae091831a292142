"""A model's parameters as CSV, and its hyperparameters as TOML."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.export import Source
from engine.hyperparameters import configuration
from engine.network import Floats, to_tensors
from engine.runs.live_changes import described_all

COLUMNS = "layer,parameter,output,input,value"


def to_csv(source: Source) -> bytes:
    """A line a parameter: of an ensemble, its member (from 0); its layer (from 0), weight, bias, gain or shift, the neuron, the input
    that a weight is of (nothing for the others), and the value, in as many digits as it takes to read the same 32-bit number again.
    """
    is_ensemble = bool(source.model.members)
    found = [f"{'member,' if is_ensemble else ''}{COLUMNS}\n".encode()]
    for number, member in enumerate(source.model.networks):
        for name, tensor in to_tensors(source.model.network, member.parameters).items():
            found += _lines(f"{number}," if is_ensemble else "", name, tensor)
    return b"".join(found)


def _lines(member: str, name: str, tensor: Floats) -> Iterator[bytes]:
    """The lines of each neuron."""
    _, layer, parameter = name.split(".")
    for output, row in enumerate(tensor):
        values = [np.format_float_scientific(value, trim="-") for value in np.atleast_1d(row)]
        places = range(len(values)) if tensor.ndim == 2 else [""]
        lines = [f"{member}{layer},{parameter},{output},{place},{value}\n" for place, value in zip(places, values, strict=True)]
        yield "".join(lines).encode()


def to_toml(source: Source) -> bytes:
    """The hyperparameters that the training began with, for ``--config``, and in a comment what was changed while it went on."""
    history = source.trained_with
    told = described_all(configuration.flatten(history.began), history.changes, configuration.format_value)
    comment = f"# Changed while it trained: {told}\n\n" if told else ""
    return f"{comment}{configuration.to_toml(history.began)}".encode()
