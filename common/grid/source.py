"""The one interface of all sources."""

from __future__ import annotations

from typing import Protocol

from common.grid.series import GridSeries, Signal


class GridSource(Protocol):
    """Something that knows the price or the carbon intensity of a zone."""

    @property
    def name(self) -> str:
        """Returns a name for logs and metrics, without secrets."""
        ...

    @property
    def signal(self) -> Signal:
        """Returns what it knows."""
        ...

    async def fetch(self) -> GridSeries:
        """Asks once.

        Raises:
            GridUnavailableError: Asking later may help.
            GridRefusedError: Asking again cannot help.
        """
        ...
