"""What is opened while a worker still imports the rest, and who gets it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from engine import devices
from engine.__main__ import device_wanted
from engine.backends.wgpu import ahead


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"command": "configure"}', "auto"),
        (b'{"command": "configure", "device": "gpu"}', "gpu"),
        (b'{"command": "configure", "device": "2", "run": "mine"}', "2"),
        (b'{"command": "configure", "device": "cpu"}', ""),
        (b'{"command": "configure", "run": "mine"}', ""),
        (b'{"command": "devices"}', ""),
        (b"", ""),
        (b"[1]", ""),
        (b"[" * 100_000, ""),
        (b'{"command": "configure", "device": 5}', ""),
        (b"{", ""),
    ],
)
def test_the_first_command_tells_the_device(line: bytes, expected: str) -> None:
    assert device_wanted(line) == expected


@pytest.mark.parametrize(
    ("request_", "kinds", "expected"),
    [
        ("auto", ["discrete", "software"], 1),
        ("auto", ["software"], None),
        ("auto", [], None),
        ("gpu", ["software"], 1),
        ("2", ["discrete", "integrated"], 2),
        ("3", ["discrete", "integrated"], None),
        ("0", ["discrete"], None),
        ("a name", ["discrete"], None),
    ],
)
def test_the_adapter_that_a_request_will_come_to(request_: str, kinds: list[Any], expected: int | None) -> None:
    assert ahead.likely(request_, kinds) == expected


class Opened:
    is_destroyed = False

    def destroy(self) -> None:
        self.is_destroyed = True


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """The only adapter's device."""
    pytest.importorskip("wgpu.backends.wgpu_native")
    device = Opened()
    monkeypatch.setattr(ahead, "adapters", lambda: [SimpleNamespace(info={"adapter_type": "DiscreteGPU"})])
    monkeypatch.setattr(ahead, "request_device", lambda adapter: device)
    return device


def test_it_is_handed_over_once(opened: Opened) -> None:
    ahead.begin("auto")
    assert ahead.take(1) is opened
    assert ahead.take(1) is None
    assert not opened.is_destroyed


def test_what_is_not_wanted_is_closed(opened: Opened) -> None:
    ahead.begin("auto")
    assert ahead.take(2) is None
    assert opened.is_destroyed


def test_where_the_cpu_trains_it_is_closed(opened: Opened) -> None:
    ahead.begin("auto")
    devices.open_backend(devices.find_devices()[0])
    assert opened.is_destroyed


@pytest.mark.parametrize("what", ["adapters", "request_device"])
def test_one_that_does_not_open_is_left_to_who_asks_for_it(opened: Opened, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(ahead, what, fail)
    ahead.begin("auto")
    assert ahead.take(1) is None
