"""An imitated ``libnvidia-ml.so.1`` that the real ``pynvml`` loads, and the boards behind it.

Two ways to have it loaded: ``LD_LIBRARY_PATH`` at the start of a process (the folder that `build.library`
fills), or ``pynvml.nvmlLib = ctypes.CDLL(path)`` in this one, before ``nvmlInit`` looks for it by itself.
"""
