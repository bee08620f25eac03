"""A refusal: the reason in one word, and the sentence that names the remedy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be done now.

    Attributes:
        reason: A CamelCase word; the operator's page has a row for each.
        message: A sentence with figures and the remedy.
        chosen: Whether people chose it (mode, levers): worth a record, but no warning.
    """

    reason: str
    message: str
    chosen: bool = False
