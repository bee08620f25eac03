"""Oversubscription from statistics: how many watts may be promised beyond a cap, and when to throttle."""

from common.models.oversubscription.promise import Promise, derive_promise
from common.models.oversubscription.rises import highest_within, rises_within
from common.models.oversubscription.tail import breach_rate_bound, upper_quantile
from common.models.oversubscription.window import DrawWindow

__all__ = [
    "DrawWindow",
    "Promise",
    "breach_rate_bound",
    "derive_promise",
    "highest_within",
    "rises_within",
    "upper_quantile",
]
