"""The protocol's JSON: every event and every command there and back."""

from __future__ import annotations

import json
import math
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

import pytest

from engine import commands, events
from engine.commands import COMMANDS, Command
from engine.events import EVENTS, Event, ProtocolError

SAMPLES: dict[Any, Any] = {
    int: 3,
    float: 0.1,
    str: "deux",
    float | None: 0.2,
    str | None: "trois",
    dict[str, Any]: {"a": [1, None]},
    dict[str, str]: {"b": "c"},
    dict[str, float]: {"d": 0.3},
}
PARTS = {
    "device": {"index": 0, "name": "a", "kind": "cpu", "backend": "cpu", "driver": "b"},
    "dataset": {"name": "a", "height": 2, "width": 3, "classes": ["b", "c"], "fingerprint": "0"},
}


def filled(kind: type[Any]) -> Any:
    """A message with every field set, those with a default included where a sample fits."""
    hints = get_type_hints(kind)

    def value(item: Field[Any]) -> Any:
        if item.name in PARTS and hints[item.name] == dict[str, Any]:
            return PARTS[item.name]
        if hints[item.name] in SAMPLES:
            return SAMPLES[hints[item.name]]
        if hints[item.name] == list[dict[str, Any]]:
            return [{"index": 0}]
        assert item.default is not MISSING
        return item.default

    return kind(**{item.name: value(item) for item in fields(kind)})


@pytest.mark.parametrize("kind", EVENTS.values())
def test_an_event_comes_back(kind: type[Event]) -> None:
    event = filled(kind)
    line = events.to_json(event)
    assert "\n" not in line
    assert events.from_json(line) == event
    assert json.loads(line).keys() >= {"event", "seq", "time"}


@pytest.mark.parametrize("kind", COMMANDS.values())
def test_a_command_comes_back(kind: type[Command]) -> None:
    command = filled(kind)
    assert commands.from_json(commands.to_json(command).encode()) == command


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_travel_as_null(number: float) -> None:
    progress = events.Progress(
        epoch=1, step=2, steps=3, epochs=4, learning_rate=0.1, train_loss=number, train_accuracy=None, samples_per_second=1.0
    )
    found = events.from_json(events.to_json(progress))
    assert isinstance(found, events.Progress)
    assert found.train_loss is None
    nested = events.Evaluated(model="m", part="test", evaluation={"bins": [{"confidence": number}]})
    assert json.loads(events.to_json(nested))["evaluation"] == {"bins": [{"confidence": None}]}


def test_an_event_may_know_more_than_its_reader() -> None:
    line = json.dumps({"event": "paused", "epoch": 1, "step": 2, "novelty": True})
    assert events.from_json(line) == events.Paused(epoch=1, step=2)


@pytest.mark.parametrize("line", ["", "{", "[]", "null", "1", "{}", '{"event": "unheard"}', '{"event": "paused"}', '{"event": ["paused"]}'])
def test_what_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ProtocolError, match="not an event"):
        events.from_json(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"command": "unheard"}',
        '{"command": "set"}',
        '{"command": {}}',
        '{"command": "set", "key": 3, "value": 1}',
        '{"command": "train", "hyperparameters": 3}',
    ],
)
def test_what_is_no_command_is_refused(line: str) -> None:
    with pytest.raises(ProtocolError, match="not a command"):
        commands.from_json(line)


def test_a_command_with_a_key_too_many_is_refused() -> None:
    with pytest.raises(ProtocolError, match="train knows no 'colour'"):
        commands.from_json('{"command": "train", "colour": "red"}')
