"""Several fields of a board in one call, ten times a second.

``pynvml`` makes a new array for each call, and each value of it is reached through several objects: 8 µs, and
three times that with caches gone cold between two looks. Here one array is kept and read at once. Whatever is
not a plain success goes the ordinary way, which knows every failure.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import Any

from nodeagent.devices.nvml_library import NvmlLibrary

_STRUCTURE = "c_nvmlFieldValue_t"


class FieldReader:
    """Reads the same fields of one board again and again; from one thread at a time.

    Args:
        library: The library.
        fields: Field and type of each value, as the letter of Python's ``struct``.
    """

    def __init__(self, library: NvmlLibrary, fields: Sequence[tuple[str, str]]) -> None:
        self._function = library.raw("nvmlDeviceGetFieldValues")
        kind = type(library.structure(_STRUCTURE))
        self._values = (kind * len(fields))()
        for value, (name, _) in zip(self._values, fields, strict=True):
            value.fieldId = library.constant(name)
        self._arguments = ctypes.c_int32(len(fields)), ctypes.byref(self._values)
        self._layout = struct.Struct("=" + "".join(_layout(kind, letter) for _, letter in fields))

    def read(self, handle: Any) -> tuple[int, ...] | None:
        """Returns the values; None where not all of them could be read."""
        if self._function is None or self._function(handle, *self._arguments):
            return None
        seen = self._layout.unpack_from(self._values)
        return None if any(seen[::2]) else seen[1::2]


def _layout(kind: Any, letter: str) -> str:
    """Returns where return code and value are in one structure, as ``struct`` wants it."""
    code, value = kind.nvmlReturn, kind.value
    between = value.offset - code.offset - code.size
    after = ctypes.sizeof(kind) - value.offset - struct.calcsize("=" + letter)
    return f"{code.offset}xi{between}x{letter}{after}x"
