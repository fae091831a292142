"""llvmpipe ends an invocation silently after 65,535 loop iterations, all loops counted.

No kernel may come near, at any size that is allowed.
"""

import re

import pytest

from engine import network
from engine.backends.smoothing import smoothing_radius
from engine.backends.wgpu.backend import EVALUATION_ROWS
from engine.backends.wgpu.plan import Dispatch, Plan
from engine.backends.wgpu.tiles import Workgroup, tiles_for
from engine.hyperparameters.configuration import from_plain
from engine.hyperparameters.regularization import MAXIMUM_ELASTIC_SIGMA

LIMIT = 60_000
RADIUS = smoothing_radius(MAXIMUM_ELASTIC_SIGMA)
LOOP = re.compile(r"for \(var (\w+) = ([^;]+); \1 < ([^;]+); \1(?:\+\+| \+= (\w+))\)")


def iterations(dispatch: Dispatch, layers: tuple[network.Layer, ...], samples: int) -> int:
    """Loop iterations of one invocation at most, read off the shader's text; a bound that is not known here is a KeyError."""
    code = dispatch.kernel.source()
    constants = dict(dispatch.kernel.constants)
    floats = 4 if constants["cell"] == "vec4f" else 1
    layer = layers[dispatch.layer]
    tallest = max(item.inputs for item in layers) if dispatch.kernel.name == "max_norm" else layer.inputs
    cells = layer.stride // floats
    size = sum(item.size for item in layers)
    bounds = {
        "input_cells": network.padded(layer.inputs) // floats,
        "cells": cells,
        "classes": layer.outputs,
        "layer.inputs": tallest,
        "select(0u, layer.inputs, too_long)": tallest,
        "layer.outputs": layer.outputs,
        "layer.stride": layer.stride,
        "step.samples": samples,
        "2u * radius + 1u": 2 * RADIUS + 1,
        "2u * constants.smoothing_radius + 1u": 2 * (2 * RADIUS + 1),  # called twice
        "constants.parameter_count / CELL": -(-(size // floats) // (dispatch.grid[0] * int(str(constants["lanes"])))),
    }
    bounds["BANDS * ROWS * previous_cells"] = int(str(constants.get("bands", 0))) * int(str(constants.get("rows", 0)))
    bounds["BANDS * ROWS * previous_cells"] *= network.padded(layer.inputs) // floats * cells  # a loop over the cells in it
    terms = {"forward": network.padded(layer.inputs), "delta": layer.stride}.get(dispatch.kernel.name, samples)
    turn = int(str(constants.get("depth", 0))) * int(str(constants.get("parts", 0)))
    bounds |= {"samples": samples, "terms + TURN": terms + turn, "ROWS": int(str(constants.get("rows", 0)))}
    starts = {"classes": layer.outputs, "layer.outputs": layer.outputs}
    loops = LOOP.findall(code)
    assert len(loops) == len(re.findall(r"\b(?:for|while|loop)\b\s*[({]", code)), (
        f"{dispatch.kernel.name} has a loop that is not understood"
    )
    strides = {"": 1, "invocations": 1, "TURN": turn}
    return sum(-(-(bounds[end] - starts.get(start, 0)) // (strides.get(stride) or int(stride[:-1]))) for _, start, end, stride in loops)


@pytest.mark.parametrize("kind", ["software", "discrete"])
@pytest.mark.parametrize("hidden", [[], [1], [8192] * 8])
def test_no_invocation_loops_too_often(kind: str, hidden: list[int]) -> None:
    hyperparameters = from_plain(
        {
            "network": {"hidden": hidden, "layer_norm": True},
            "regularization": {"max_norm": 1.0},
            "training": {"batch_size": 4096, "averaging": 0.5},
            "augmentation": {"elastic_alpha": 1.0, "elastic_sigma": MAXIMUM_ELASTIC_SIGMA},
        }
    )
    shape = network.build(hyperparameters.network, 64 * 64, 64)
    tiles = tiles_for(kind, shape, 4096, Workgroup(subgroup=8))
    plan = Plan(shape, hyperparameters, tiles, field_size=2 * (64 + 84) * 64)
    counts = [
        (iterations(dispatch, shape.layers, samples), dispatch.kernel.name)
        for samples, dispatches in ((4096, plan.step()), (EVALUATION_ROWS, plan.evaluation(EVALUATION_ROWS)))
        for dispatch in dispatches
    ]
    assert max(counts) <= (LIMIT, ""), counts
    assert {name for count, name in counts if count > 0} >= {"forward", "delta" if hidden else "update", "update"}
