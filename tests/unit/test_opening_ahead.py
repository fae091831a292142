"""What is loaded and opened while a worker still imports the rest, and who gets it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dataset import DatasetError, registry
from engine import devices
from engine.__main__ import begin_ahead, configuration_in, wanted
from engine.backends.wgpu import ahead
from engine.data import loading_ahead


@pytest.mark.parametrize(
    ("line", "dataset", "device"),
    [
        (b'{"command": "configure"}', "mnist", "auto"),
        (b'{"command": "configure", "device": "gpu", "dataset": "fashion-mnist"}', "fashion-mnist", "gpu"),
        (b'{"command": "configure", "dataset": null, "device": null}', "mnist", "auto"),
        (b'{"command": "configure", "dataset": 5, "device": 5}', "", ""),
    ],
)
def test_the_first_command_tells_the_data_set_and_the_device(line: bytes, dataset: str, device: str) -> None:
    configuration = configuration_in(line)
    assert wanted(configuration, "dataset", "mnist") == dataset
    assert wanted(configuration, "device", "auto") == device


@pytest.mark.parametrize("line", [b'{"command": "devices"}', b"", b"[1]", b"[" * 100_000, b"{", b"\xff"])
def test_other_commands_and_wrong_ones_are_left_to_the_worker(line: bytes) -> None:
    assert not configuration_in(line)


def test_nothing_is_opened_for_the_cpu_nor_begun_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(loading_ahead, "begin", begun.append)
    monkeypatch.setattr(ahead, "begin", begun.append)
    begin_ahead({"command": "configure", "device": "cpu", "dataset": "here"})
    assert begun == ["here"]
    begin_ahead({"command": "configure", "device": "1", "dataset": "there"})
    begin_ahead({"command": "configure", "device": "1", "dataset": "there", "run": "mine"})
    assert begun == ["here", "there", "1"]


def test_a_data_set_that_was_begun_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(registry, "load", lambda name: (asked.append(name), object())[1])
    loading_ahead.begin("one")
    assert loading_ahead.load("one") is not loading_ahead.load("one")
    assert asked == ["one", "one"]
    loading_ahead.begin("one")
    loading_ahead.load("other")
    assert asked[2:] == ["one", "other"]


def test_why_it_does_not_load_is_told_to_who_asks_for_it(tmp_path: Path) -> None:
    loading_ahead.begin(str(tmp_path))
    with pytest.raises(DatasetError, match="holds no data set"):
        loading_ahead.load(str(tmp_path))


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


@pytest.mark.parametrize(("adapter_type", "expected"), [("DiscreteGPU", [ahead.KERNELS]), ("CPU", [])])
def test_templates_are_read_meanwhile_for_hardware(
    opened: Opened, adapter_type: str, expected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    monkeypatch.setattr(ahead, "adapters", lambda: [SimpleNamespace(info={"adapter_type": adapter_type})])
    monkeypatch.setattr(ahead.shaders, "read", read.append)
    ahead.begin("gpu")
    assert ahead.take(1) is opened
    assert read == expected


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
