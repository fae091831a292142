"""The wgpu backend: ``backend`` is its front. ``plan`` says which kernels a step is made of, ``resident`` and ``population`` do it in one;
``tiles`` cut matrix products into blocks, ``tuning`` measures which; ``memory`` and ``samples`` are what lies on the device; ``instances``,
``adapters`` and ``ahead`` open it.
"""
