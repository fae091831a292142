"""What can be chosen, as a picker shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui import formats
from tui.screens.picker import Item


def device_items(devices: Iterable[Mapping[str, Any]]) -> list[Item]:
    """``auto``, and the devices, each as in ``Ready``."""
    return [Item("auto", "Automatic", "The best hardware adapter, or else the CPU."), *map(_device_item, devices)]


def _device_item(device: Mapping[str, Any]) -> Item:
    value = "cpu" if device["kind"] == "cpu" else str(device["index"])
    return Item(value, formats.device(device), f"{device['name']}, {device['driver']}" if device["driver"] else str(device["name"]))


def dataset_items() -> list[Item]:
    """The data sets that are here; nothing stands for a directory."""
    from dataset.registry import REGISTERED
    from engine.collection import collections

    items = [Item(entry.name, entry.name, entry.summary) for entry in REGISTERED.values() if entry.is_here]
    own = [Item(str(directory), directory.name, "Drawings of your own.") for directory in collections()]
    return [*items, *own, Item("", "A directory", "Four IDX files, two CSV files, or a folder of images for each class.")]


def theme_items(ours: Iterable[str], all_themes: Iterable[str]) -> list[Item]:
    """Ours first, the others by their names."""
    first = list(ours)
    return [Item(name, name) for name in (*first, *sorted(set(all_themes) - set(first)))]
