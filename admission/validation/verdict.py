"""What is found wrong with an object: what is refused, and what is only said."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_WARNINGS = 8
_WARNING_CHARACTERS = 400
"""kubectl prints each in a line; the API server cuts them all together at 4,096 bytes."""


@dataclass(frozen=True)
class Verdict:
    """Findings, each a sentence that names the field and the remedy.

    Attributes:
        refusals: What cannot be lived with.
        warnings: What can.
    """

    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def forgiving(self, before: Verdict) -> Verdict:
        """Returns the verdict of a change: what was wrong before the change is no reason to refuse it.

        So the cap of a domain can be cut while its schedule is broken.
        """
        new = tuple(text for text in self.refusals if text not in before.refusals)
        old = tuple(text for text in self.refusals if text in before.refusals)
        return Verdict(new, (*old, *self.warnings))

    def shown_warnings(self) -> list[str]:
        """Returns warnings as they go into an answer: few, and short."""
        shown = [_cut(text) for text in self.warnings[:_MOST_WARNINGS]]
        more = len(self.warnings) - _MOST_WARNINGS
        return [*shown, f"and {more} more"] if more > 0 else shown


def _cut(text: str) -> str:
    return text if len(text) <= _WARNING_CHARACTERS else f"{text[: _WARNING_CHARACTERS - 1]}…"
