"""When a page that could not be read is tried again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from common.telemetry.direct.scraper import Page
from common.telemetry.direct.targets import Target

FIRST_PAUSE_SECONDS = 4.0
LONGEST_PAUSE_SECONDS = 10.0
"""For whoever is expected to answer: younger than any age limit, so that a blink costs no decision."""
LONGEST_PAUSE_UNEXPECTED_SECONDS = 120.0
"""For nodes that may have no agent at all."""


@dataclass(frozen=True)
class _Failure:
    page: Page
    pause_seconds: float


class Patience:
    """Remembers who has failed, and who has ever answered."""

    def __init__(self) -> None:
        self._failed: dict[str, _Failure] = {}
        self._answered: set[str] = set()

    def due(self, targets: Iterable[Target], at: float) -> list[Target]:
        """Returns the targets that are worth a try at a Unix time."""
        return [target for target in targets if self._is_due(target, at)]

    def note(self, page: Page) -> None:
        """Takes in what came of a try."""
        key = page.target.key
        if not page.error:
            self._failed.pop(key, None)
            self._answered.add(key)
            return
        before = self._failed.get(key)
        pause = 2 * before.pause_seconds if before else FIRST_PAUSE_SECONDS
        most = LONGEST_PAUSE_SECONDS if self.expects(page.target) else LONGEST_PAUSE_UNEXPECTED_SECONDS
        self._failed[key] = _Failure(page, min(pause, most))

    def forget(self, kept: Iterable[Target]) -> None:
        """Drops all but some targets."""
        keys = {target.key for target in kept}
        self._answered &= keys
        self._failed = {key: failure for key, failure in self._failed.items() if key in keys}

    def expects(self, target: Target) -> bool:
        """Whether a target should answer: it has before, or it is known that something is there."""
        return target.expected or target.key in self._answered

    def failures(self, targets: Iterable[Target]) -> list[Page]:
        """Returns the last failure of each target that should answer and does not."""
        found = (self._failed.get(target.key) for target in targets if self.expects(target))
        return [failure.page for failure in found if failure is not None]

    def _is_due(self, target: Target, at: float) -> bool:
        failure = self._failed.get(target.key)
        # A failure of the future was noted before the clock was set back.
        return failure is None or not 0 <= at - failure.page.at < failure.pause_seconds
