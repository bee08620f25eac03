"""The condition RestMeasured: what a budget keeps for all that is not a device, and by whose word. Pure."""

from __future__ import annotations

from common.api.meta import Condition
from nodeagent.guard.restbound import RestSource, StandingRest

REST_MEASURED = "RestMeasured"

_WHY_NAMEPLATE = {
    RestSource.UNMETERED: (
        "by its nameplate bound, because nothing meters it: what it does not draw of that goes unused"
        " (--node-meter, --rest-bound-watts)"
    ),
    RestSource.LEARNING: "by its nameplate bound, until its meter was watched for long enough",
    RestSource.STALE: "by its nameplate bound, because its meter does not answer",
}


def rest_measured(rest: StandingRest) -> Condition:
    """Returns the condition, without transition time."""
    kept = f"{rest.watts:,} W of a budget are kept for the rest of the node"
    if rest.source is RestSource.LEARNED:
        message = f"{kept}, as learned from its meter; {rest.highest_watts:,} W by its nameplate bound"
        return Condition(type=REST_MEASURED, status="True", reason=rest.source.value, message=message)
    return Condition(
        type=REST_MEASURED,
        status="False",
        reason=rest.source.value,
        message=f"{kept}, {_WHY_NAMEPLATE[rest.source]}",
    )
