"""Energy counters as watts."""

from __future__ import annotations

WINDOW = "90s"
"""Holds two samples even where one of the usual 30 s scrapes was missed."""


def mean_watts(selector: str) -> str:
    """Returns the expression of the mean rate between the last two samples of a counter.

    Not ``rate()``: that divides by the whole window, so that a series younger than it reads far too low. A
    counter that has restarted says nothing until the window has forgotten that: what it lost would read as a
    fall of power.
    """
    return f"(irate({selector}[{WINDOW}]) unless resets({selector}[{WINDOW}]) > 0)"
