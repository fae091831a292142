"""What can be chosen, as a picker shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tui import formats
from tui.item import Item

if TYPE_CHECKING:
    from dataset.catalogue import Registered


def device_items(devices: Iterable[Mapping[str, Any]]) -> list[Item]:
    """``auto``, and the devices, each as in ``Ready``."""
    return [Item("auto", "Automatic", "The best hardware adapter, or else the CPU."), *map(_device_item, devices)]


def _device_item(device: Mapping[str, Any]) -> Item:
    value = "cpu" if device["kind"] == "cpu" else str(device["index"])
    return Item(value, formats.device(device), f"{device['name']}, {device['driver']}" if device["driver"] else str(device["name"]))


def dataset_items(is_remote: bool) -> list[Item]:
    """The data sets with a name and those of one's own; nothing stands for a directory. Which of them are where the worker is, is only
    known where that is here.
    """
    from dataset.registry import REGISTERED
    from engine.data.collection import collections

    items = [Item(entry.name, entry.name, _dataset_detail(entry, is_remote)) for entry in REGISTERED.values()]
    if is_remote:
        return [*items, Item("", "A directory", "On the worker's machine.")]
    own = [Item(str(directory), directory.name, "Drawings of your own.") for directory in collections()]
    return [*items, *own, Item("", "A directory", "Four IDX files, two CSV files, or a folder of images for each class.")]


def _dataset_detail(entry: Registered, is_remote: bool) -> str:
    missing = not is_remote and not entry.is_here
    return f"{entry.summary}; not here yet: about {entry.megabytes} MB are fetched" if missing else entry.summary


def absent_dataset(name: str) -> Registered | None:
    """The data set of that name, where it has to be fetched first."""
    from dataset.registry import REGISTERED

    entry = REGISTERED.get(name)
    return entry if entry is not None and not entry.is_here else None


def theme_items(ours: Mapping[str, str], all_themes: Iterable[str]) -> list[Item]:
    """Ours first, with what they are for, the others by their names."""
    return [Item(name, name, ours.get(name, "")) for name in (*ours, *sorted(set(all_themes) - set(ours)))]
