"""When capping is asked for: at the threshold, and until the draw is clearly under it."""

from __future__ import annotations

CLEAR_UNDER_PERCENT = 5
"""Points of the cap that the draw must fall under the threshold before the need is over."""


def capping_required(draw_watts: float, cap_watts: int, threshold_percent: int, *, before: bool) -> bool:
    """Tells whether the draw calls for action.

    Args:
        draw_watts: Present draw.
        cap_watts: The cap.
        threshold_percent: Of the cap, at which action begins.
        before: Whether action was called for until now.
    """
    limit = threshold_percent - (CLEAR_UNDER_PERCENT if before else 0)
    return 100 * draw_watts >= limit * cap_watts
