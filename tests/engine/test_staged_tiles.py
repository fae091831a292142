"""Tiles that multiply out of workgroup memory, which only large products get: against the float64 reference, with blocks that do not fit.

The tolerances are those of ``test_backend_numerics``, for the reasons given there.
"""

from __future__ import annotations

import pytest

from engine.backend import Backend
from engine.backends.wgpu.tiles import STAGED, LayerTiles, Tile, Tiles
from tests.engine import reference
from tests.engine.support import LABELS, VALUES, assert_state, hyperparameters, network_of, random_state, reference_state, run_steps, train
from tests.engine.test_backend_numerics import ELASTIC_NET, FEW_STEPS, GRADIENT

LEAST_MEMORY = 32 * 1024
"""Bytes of workgroup memory that llvmpipe has."""
SMALL = [Tile(4, 1, 4, 1, 4, depth=4), Tile(4, 2, 8, 2, 4, depth=16)]
CASES = [*dict.fromkeys(tile for tiles in STAGED.values() for tile in tiles), *SMALL]


def named(tile: Tile) -> str:
    return f"{tile.height} by {4 * tile.width}, {tile.columns} columns, {tile.parts} parts, {tile.depth} deep"


@pytest.mark.parametrize("tile", CASES, ids=named)
def test_training(wgpu_as_on_hardware: Backend, tile: Tile) -> None:
    """After one step of 64 samples, and after the epoch, whose last batch has 22."""
    backend = wgpu_as_on_hardware
    if tile.memory > LEAST_MEMORY:
        pytest.skip("software drivers have no more workgroup memory")
    dropout = {"regularization.dropout.input": 0.1, "regularization.dropout.hidden": 0.3}
    values = hyperparameters({"network.hidden": [130, 66], "network.layer_norm": tile.columns == 2, **dropout, **ELASTIC_NET})
    network, before = network_of(values), random_state(values)
    tiles = Tiles(32, (LayerTiles(tile, tile, tile),) * len(network.layers), 256)
    backend.prepare(network, values, {"name": "layered", "tiles": tiles.plain()})
    backend.set_state(before)
    expected = reference_state(network, before)
    order, steps = next(run_steps(values))
    for part, tolerance in ((steps[:1], GRADIENT), (steps[1:], FEW_STEPS)):
        backend.reset_tally()
        train(backend, order, part)
        expected, tally = reference.train(values, expected, VALUES, LABELS, order, part)
        assert_state(values, backend.state(), before, expected, tolerance)
        assert backend.tally().loss == pytest.approx(tally.loss, rel=tolerance / 10)


def test_a_tile_whose_work_cannot_be_shared_is_refused() -> None:
    assert all(tile.depth for tiles in STAGED.values() for tile in tiles)
    with pytest.raises(ValueError, match="evenly"):
        Tile(32, 1, 4, depth=4)
