"""What can train here: the CPU backend and the adapters; which to take, and why."""

from __future__ import annotations

from engine.backend import Backend, Device, DeviceError


def find_devices() -> list[Device]:
    """Every device: the CPU first, then the adapters, best first. ``index`` is the place in the list."""
    from engine.backends.cpu import cpu_device
    from engine.backends.wgpu.adapters import adapters, describe

    return [cpu_device(), *(describe(adapter, index) for index, adapter in enumerate(adapters(), start=1))]


def choose(request: str) -> tuple[Device, str]:
    """The device that is asked for, and a line that says why where the choice was ours.

    ``request`` is ``auto``, ``cpu``, ``gpu``, an index, or part of an adapter's name. Raises DeviceError, with what there is, for one
    that is not there.
    """
    if request == "cpu":
        from engine.backends.cpu import cpu_device

        return cpu_device(), ""
    devices = find_devices()
    cpu, adapters = devices[0], devices[1:]
    hardware = [device for device in adapters if device.kind != "software"]
    if request == "auto":
        if hardware:
            return hardware[0], f"{hardware[0].name} is the best adapter here."
        found = f"only a software adapter ({adapters[0].name})" if adapters else "no graphics adapter"
        return cpu, f"There is {found} here, so the CPU trains."
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
    there = "; ".join(f"{device.index}: {device.name} ({device.kind})" for device in devices)
    raise DeviceError(f"There is no device {request!r} here.", f"Choose auto, cpu, or one of these by number or name: {there}.")


def open_backend(device: Device) -> Backend:
    """The backend of a device that ``choose`` or ``find_devices`` returned. Raises DeviceError."""
    if device.backend == "cpu":
        from engine.backends.cpu import CpuBackend

        return CpuBackend(device)
    from engine.backends.wgpu.adapters import adapters
    from engine.backends.wgpu.backend import WgpuBackend

    found = adapters()
    if device.index > len(found):
        raise DeviceError(f"{device.name} is gone.", "Choose another device, or train on the CPU: --device cpu.")
    return WgpuBackend(found[device.index - 1], device)
