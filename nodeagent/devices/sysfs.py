"""Reads and writes of attributes in sysfs, with failures told apart."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nodeagent.devices.errors import (
    DeviceError,
    DeviceLostError,
    DeviceUnreachableError,
    NoPermissionError,
    NotSupportedError,
    OutOfRangeError,
)

_ERRORS: dict[int, tuple[type[DeviceError], str]] = {
    errno.ENOENT: (NotSupportedError, "there is no such attribute"),
    errno.ENOTDIR: (NotSupportedError, "there is no such attribute"),
    errno.EOPNOTSUPP: (NotSupportedError, "not supported"),
    errno.EACCES: (NoPermissionError, "needs root, or the firmware has locked it"),
    errno.EPERM: (NoPermissionError, "needs root, or the firmware has locked it"),
    errno.EROFS: (NoPermissionError, "mounted read-only: mount the host's /sys writable"),
    errno.EINVAL: (OutOfRangeError, "the kernel does not take this value"),
    errno.ERANGE: (OutOfRangeError, "the kernel does not take this value"),
    errno.ENODEV: (DeviceLostError, "the device is gone"),
    errno.ENXIO: (DeviceLostError, "the device is gone"),
}


class Sysfs:
    """A mounted sysfs; paths are relative to its root.

    Every call raises a ``DeviceError`` of the kind that tells what would help.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def folders(self, pattern: str) -> list[str]:
        """Returns the folders that match a pattern, in natural order (``policy2`` before ``policy10``)."""
        found = [str(path.relative_to(self._root)) for path in self._root.glob(pattern) if path.is_dir()]
        return sorted(found, key=lambda name: (len(name), name))

    def has(self, path: str) -> bool:
        """Whether there is such an attribute."""
        return (self._root / path).exists()

    def text(self, path: str) -> str:
        """Returns an attribute's text without its newline."""
        with _own_errors(path):
            return (self._root / path).read_text(encoding="ascii", errors="replace").strip()

    def number(self, path: str) -> int:
        """Returns an attribute that is a whole number."""
        text = self.text(path)
        try:
            return int(text)
        except ValueError as error:
            raise DeviceUnreachableError(f"{path}: a number was expected, not {text!r}") from error

    def write(self, path: str, value: int | str) -> None:
        """Writes an attribute in one call, as the kernel wants it; never makes a file."""
        with _own_errors(path):
            attribute = os.open(self._root / path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
            try:
                os.write(attribute, f"{value}\n".encode())
            finally:
                os.close(attribute)


@contextmanager
def _own_errors(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind, remedy = _ERRORS.get(error.errno or 0, (DeviceUnreachableError, error.strerror or ""))
        raise kind(f"{path}: {remedy}") from error
