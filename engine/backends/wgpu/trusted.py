"""Shader modules without run-time checks: a call of wgpu-native's for which wgpu has no wrapper."""

from __future__ import annotations

from typing import Any

from wgpu.backends.wgpu_native import ffi, lib
from wgpu.backends.wgpu_native._api import GPUShaderModule

NO_CHECKS = 0


def trusted_module(device: Any, code: str) -> Any:
    """A ``wgpu.GPUShaderModule`` of WGSL that has already been validated, and that stays within its arrays and ends its loops."""
    text = code.encode()
    characters = ffi.new("char[]", text)
    source = ffi.new("WGPUShaderSourceWGSL *")
    source.chain.sType = lib.WGPUSType_ShaderSourceWGSL
    source.code.data, source.code.length = characters, len(text)
    descriptor = ffi.new("WGPUShaderModuleDescriptor *")
    descriptor.nextInChain = ffi.cast("WGPUChainedStruct *", source)
    module = lib.wgpuDeviceCreateShaderModuleTrusted(device._internal, descriptor, NO_CHECKS)
    return GPUShaderModule("", module, device)
