"""Writes what the documentation takes from the source: the tables of hyperparameters, presets and keys, and pictures of the dashboard.

python docs/generate.py tables      docs/hyperparameters.md and docs/keys.md, in no time
python docs/generate.py pictures    docs/*.svg, from a real run of the preset quick
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from unittest.mock import patch

from engine.hyperparameters.configuration import changed, format_value
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.presets import PRESETS
from engine.runs.names import RUNS_DIRECTORY_VARIABLE

HERE = Path(__file__).parent
PICTURES = (("1", "train"), ("2", "digits"), ("3", "statistics"), ("c", "confusion"), ("a", "calibration"), ("i", "histograms"))
"""The keys that lead to what a picture is taken of, one after the other, and the picture's name."""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def hyperparameters() -> str:
    """docs/hyperparameters.md."""
    return "\n".join(_hyperparameters()) + "\n"


def _hyperparameters() -> Iterator[str]:
    yield "# Hyperparameters"
    yield "\nEvery key of the form, of `--set KEY=VALUE` and of the TOML file."
    for group, leaves in groupby(HYPERPARAMETERS.values(), key=lambda leaf: leaf.group):
        yield f"\n## {group}\n"
        yield _row("key", "default", "values", "what it does", "what a sweep tries")
        yield _row("---", "---", "---", "---", "---")
        for leaf in leaves:
            live = " May change while training." if leaf.live else ""
            search = f"`{leaf.search}`" if leaf.search else "never varied"
            yield _row(f"`{leaf.key}`", f"`{format_value(leaf.default)}`", leaf.values, leaf.help + live, search)
    yield "\n# Presets"
    for preset in PRESETS.values():
        yield f"\n## {preset.name}\n\n{preset.summary}\n"
        differences = changed(preset.hyperparameters, Hyperparameters())
        yield "\n".join(f"- `{key}={format_value(value)}`" for key, value in differences.items()) or "All defaults."


def keys() -> str:
    """docs/keys.md."""
    return "\n".join(_keys()) + "\n"


def _keys() -> Iterator[str]:
    from tui.bindings import ACTIONS, key_names
    from tui.modes import PLACES

    yield "# Keys"
    yield "\nThe same list is one key away in the dashboard: `?`. Every action is in the command palette too: `ctrl+p`."
    yield "\nTo change keys, put them into the configuration file by the names of their actions; `?` shows where the file is:"
    yield '\n```toml\n[keys]\n"train.run" = "r,f11"\n```'
    places = sorted({action.where for action in ACTIONS}, key=list(PLACES).index)
    for place in places:
        yield f"\n## {PLACES[place]}\n"
        yield _row("keys", "action", "what it does", "name")
        yield _row("---", "---", "---", "---")
        for action in ACTIONS:
            if action.where == place:
                yield _row(f"`{key_names(action.keys)}`", action.title, action.help, f"`{action.id}`")


def write_tables() -> None:
    (HERE / "hyperparameters.md").write_text(hyperparameters(), encoding="utf-8")
    (HERE / "keys.md").write_text(keys(), encoding="utf-8")


@contextmanager
def away_from_home() -> Iterator[Path]:
    """A directory that stands for the user's own: no settings are read from there, no state, runs or logs are written there."""
    with tempfile.TemporaryDirectory() as directory:
        kinds = ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME")
        homes = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", *(f"XDG_{kind}" for kind in kinds)), directory)
        with patch.dict(os.environ, homes):
            for name in ("NO_COLOR", RUNS_DIRECTORY_VARIABLE):
                os.environ.pop(name, None)
            yield Path(directory)


async def write_pictures() -> None:
    """Runs the dashboard without a terminal, trains, and keeps each screen and page as it is then."""
    from tui.app import DigitsApp
    from tui.exports import picture
    from tui.options import Options

    with away_from_home() as directory:
        app = DigitsApp(Options(device="cpu", preset="quick", runs_directory=directory / "runs"))
        async with app.run_test(size=(120, 40)) as pilot:
            while not app.client.ready:
                await pilot.pause(0.1)
            await pilot.press("r")
            while app.client.run is None or app.client.run.evaluation is None:
                await pilot.pause(0.1)
            for keys, name in PICTURES:
                await pilot.press(*keys)
                await pilot.pause(2)
                (HERE / f"{name}.svg").write_text(picture(app), encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["tables"]:
            write_tables()
        case ["pictures"]:
            asyncio.run(write_pictures())
        case _:
            sys.exit(__doc__)
