"""Devices that can say every setting they have, and take it back as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable


@runtime_checkable
class RestorableDevice(Protocol):
    """A device with more settings than a watt limit and a clock ceiling.

    Its readings carry its settings. What they were before the first write is what ``restore_settings`` is to
    be given. Names and values are the driver's own text, fit for a file.
    """

    def restore_settings(self, found: Mapping[str, str], *, clock_written: bool) -> None:
        """Puts settings back as they were found.

        Args:
            found: The settings.
            clock_written: Whether a ceiling was written: where none can be read, only then is one let go.

        Raises:
            DeviceError: A setting was not taken.
        """
        ...


class SettingsMemory:
    """Settings as they were read last: reading all of them costs more than a look ten times a second may.

    Args:
        read: Reads them.
        clock: Monotonic seconds.
        seconds: How long they are taken to be unchanged.
    """

    def __init__(
        self, read: Callable[[], Mapping[str, str]], clock: Callable[[], float], seconds: float = 10.0
    ) -> None:
        self._read = read
        self._clock = clock
        self._seconds = seconds
        self._until = float("-inf")
        self._settings: Mapping[str, str] = {}

    def get(self) -> Mapping[str, str]:
        """Returns the settings; raises what reading them raises."""
        if self._clock() >= self._until:
            self._settings = self._read()
            self._until = self._clock() + self._seconds
        return self._settings

    def forget(self) -> None:
        """They have changed: the next ``get`` reads them."""
        self._until = float("-inf")
