"""A small world for the tests of the replayed day."""

from functools import cache

from benchmarks.day.kinds import ServiceKind
from common.replay.synthetic import synthetic_scenario

PROFILE = synthetic_scenario(minutes=1.0).profile


def kind(name="chat", **changes):
    values = {
        "name": name,
        "prompt_tokens": 1024.0,
        "output_tokens": 200.0,
        "priority": 0,
        "target_seconds": 0.15,
        "start_target_seconds": 2.0,
        "load_seconds": 120.0,
    }
    return _made(tuple({**values, **changes}.items()))


@cache
def _made(values):
    return ServiceKind(profile=PROFILE, **dict(values))
