"""What can train here: the CPU backend and the adapters; which to take, and why."""

from __future__ import annotations

from collections.abc import Sequence

from engine.backend import Backend, Device, DeviceError

AUTO, CPU = "auto", "cpu"
"""What to ask for: the best, or the CPU backend."""


def find_devices() -> list[Device]:
    """Every device: the CPU first, then the adapters, best first. ``index`` is the place in the list."""
    from engine.backends.cpu.backend import cpu_device
    from engine.backends.wgpu.adapters import describe
    from engine.backends.wgpu.instances import adapters

    return [cpu_device(), *(describe(adapter, index) for index, adapter in enumerate(adapters(), start=1))]


def known_devices(request: str) -> list[Device]:
    """The devices to find ``request`` among: all, or the CPU alone, which takes no time, where it is asked for."""
    from engine.backends.cpu.backend import cpu_device

    return [cpu_device()] if request == CPU else find_devices()


def choose(request: str, devices: Sequence[Device]) -> tuple[Device, str]:
    """The device that is asked for, and a line that says why where the choice was ours.

    ``request`` is ``auto``, ``cpu``, ``gpu``, an index, or part of an adapter's name; ``backends/wgpu/ahead.py`` guesses by the same rules.
    Raises DeviceError, with what there is, for one that is not there.
    """
    if request == CPU:
        return devices[0], ""
    cpu, adapters = devices[0], devices[1:]
    hardware = [device for device in adapters if device.kind != "software"]
    if request == AUTO:
        if hardware:
            return hardware[0], f"{hardware[0].name} is the best adapter here."
        found = f"only a software adapter ({adapters[0].name})" if adapters else "no graphics adapter"
        return cpu, f"The CPU trains: there is {found} here."
    if request == "gpu":
        if adapters:
            return adapters[0], ""
    elif request.isdecimal():
        if int(request) < len(devices):
            return devices[int(request)], ""
    else:
        named = [device for device in devices if request.lower() in device.name.lower()]
        if named:
            return named[0], ""
    raise DeviceError(f"There is no device {request!r} here.", f"Choose auto, cpu, or one of these by number or name: {_listed(devices)}.")


def find_again(name: str, devices: Sequence[Device]) -> Device:
    """The device that a run was trained on, by its whole name. Raises DeviceError, with what there is, where it is not here."""
    for device in devices:
        if device.name == name:
            return device
    advice = f"To go on elsewhere, which may change its last digits, name one of these by --device: {_listed(devices)}."
    raise DeviceError(f"The run was trained on {name}, which is not here.", advice)


def _listed(devices: Sequence[Device]) -> str:
    return "; ".join(f"{device.index}: {device.name} ({device.kind})" for device in devices)


def open_backend(device: Device) -> Backend:
    """The backend of a device that ``choose`` or ``find_devices`` returned. Raises DeviceError."""
    if device.backend == "cpu":
        from engine.backends.cpu.backend import CpuBackend
        from engine.backends.wgpu import ahead

        ahead.discard()
        return CpuBackend(device)
    from engine.backends.wgpu.backend import WgpuBackend
    from engine.backends.wgpu.instances import adapters

    found = adapters()
    if device.index > len(found):
        raise DeviceError(f"{device.name} is gone.", "Choose another device, or train on the CPU: --device cpu.")
    return WgpuBackend(found[device.index - 1], device)
