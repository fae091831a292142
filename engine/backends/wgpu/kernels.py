"""Kernels: compiled once a device, however many networks use them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import shaders
from engine.backend import DeviceError
from engine.backends.wgpu.errors import WGPU_ERRORS, reason
from engine.backends.wgpu.memory import IMMEDIATE_WORDS, MAXIMUM_LAYERS, SMOOTHING_WORDS, STEP_RECORDS
from engine.backends.wgpu.trusted import trusted_module
from engine.process import training_processors

STORAGE_BINDINGS = 8
READ_ONLY_BINDINGS = 2
UNIFORM_BINDINGS = 3


@dataclass(frozen=True)
class Kernel:
    """A shader's name and its constants; equal kernels share a pipeline."""

    name: str
    constants: tuple[tuple[str, object], ...]

    def source(self) -> str:
        sizes = {"steps": STEP_RECORDS, "layers": MAXIMUM_LAYERS, "smoothing_words": SMOOTHING_WORDS}
        return shaders.source(self.name, **(sizes | {"resident": False, "population": False} | dict(self.constants)))


def kernel(name: str, **constants: object) -> Kernel:
    return Kernel(name, tuple(sorted(constants.items())))


class Kernels:
    """The pipelines of one device. All share one layout, so that bind group and immediates outlast a change of pipeline.

    ``trusted`` leaves out the bounds checks and loop counters that wgpu adds to a shader: the shaders need none, as the tests, which keep
    them, show; without them the resident plan is 1.6 times as fast.
    """

    def __init__(self, device: Any, trusted: bool) -> None:
        import wgpu

        self._device = device
        self._trusted = trusted
        self._pipelines: dict[Kernel, Any] = {}
        buffer_types = (
            ["read-only-storage"] * READ_ONLY_BINDINGS
            + ["storage"] * (STORAGE_BINDINGS - READ_ONLY_BINDINGS)
            + ["uniform"] * UNIFORM_BINDINGS
        )
        self.bind_group_layout = device.create_bind_group_layout(
            entries=[
                {"binding": index, "visibility": wgpu.ShaderStage.COMPUTE, "buffer": {"type": kind}}
                for index, kind in enumerate(buffer_types)
            ]
        )
        self._layout = device.create_pipeline_layout(bind_group_layouts=[self.bind_group_layout], immediate_size=4 * IMMEDIATE_WORDS)

    def bind_group(self, buffers: Sequence[Any]) -> Any:
        """A bind group of the buffers, in the order of their bindings."""
        return self._device.create_bind_group(
            layout=self.bind_group_layout,
            entries=[{"binding": index, "resource": {"buffer": buffer}} for index, buffer in enumerate(buffers)],
        )

    def missing(self, wanted: set[Kernel]) -> int:
        """How many of these are not compiled yet."""
        return len(wanted - self._pipelines.keys())

    def compile(self, wanted: Iterable[Kernel]) -> None:
        """Compiles what is missing of these, side by side where the driver is hardware's, which lets go of Python's lock meanwhile.

        Raises DeviceError where it refuses one.
        """
        missing = [kernel for kernel in dict.fromkeys(wanted) if kernel not in self._pipelines]
        if self._trusted and len(missing) > 1:
            with ThreadPoolExecutor(min(len(missing), training_processors()), "compiler") as pool:
                self._pipelines |= zip(missing, pool.map(self._compiled, missing), strict=True)
        else:
            self._pipelines |= {kernel: self._compiled(kernel) for kernel in missing}

    def pipeline(self, wanted: Kernel) -> Any:
        """The pipeline of a kernel, compiled at first use. Raises DeviceError where the driver refuses it."""
        if wanted not in self._pipelines:
            self.compile([wanted])
        return self._pipelines[wanted]

    def _compiled(self, wanted: Kernel) -> Any:
        try:
            code = wanted.source()
            module = self._device.create_shader_module(code=code, label=wanted.name)
            if self._trusted:
                module = trusted_module(self._device, code)
            return self._device.create_compute_pipeline(layout=self._layout, compute={"module": module, "entry_point": "main"})
        except WGPU_ERRORS as error:
            raise DeviceError(
                f"The driver refuses the kernel {wanted.name}: {reason(error)}.",
                "Update the driver, or train on the CPU: --device cpu.",
            ) from error
