"""Recurring windows that cannot be read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from common.domains.cron import CronError, check_schedule


def unreadable(field: str, schedules: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yields a sentence for each schedule that cannot be read.

    Args:
        field: The list's path.
        schedules: Cron start and time zone of each entry.
    """
    for index, (start, zone) in enumerate(schedules):
        try:
            check_schedule(start, zone)
        except CronError as error:
            yield f"{field}[{index}]: {error}"
