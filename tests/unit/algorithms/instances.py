"""Random nested instances of a division."""

import numpy as np
from hypothesis import strategies as st

from common.algorithms.protocol import NO_PARENT, UNCAPPED, CapTree, DemandLevel, Snapshot


def column(values):
    return np.array(list(values), dtype=np.int64)


def snapshot(
    parent, caps, group, floors, ceilings, demand, *, current=None, max_frequency=None, throttle=False
):
    count = len(group)
    return Snapshot(
        caps=CapTree(tuple(f"group-{i}" for i in range(len(parent))), column(parent), column(caps)),
        members=tuple(f"node-{i}" for i in range(count)),
        group=column(group),
        floor_watts=column(floors),
        ceiling_watts=column(ceilings),
        draw_watts=column([0] * count),
        demand=tuple(DemandLevel(priority, column(watts)) for priority, watts in demand),
        current_watts=column(current or [0] * count),
        max_frequency=column(max_frequency or [0] * count),
        throttle=throttle,
    )


@st.composite
def nested(draw):
    """A tree of up to six groups over up to twelve members, floors that may not even fit."""
    groups = draw(st.integers(1, 6))
    parent = [NO_PARENT] + [draw(st.integers(0, i - 1)) for i in range(1, groups)]
    caps = [draw(st.one_of(st.just(UNCAPPED), st.integers(0, 4000))) for _ in range(groups)]
    count = draw(st.integers(1, 12))
    group = [draw(st.integers(0, groups - 1)) for _ in range(count)]
    ceilings = [draw(st.integers(0, 1000)) for _ in range(count)]
    floors = [draw(st.integers(0, ceiling)) for ceiling in ceilings]
    priorities = sorted(draw(st.sets(st.integers(-3, 3), max_size=3)), reverse=True)
    demand = [(p, [draw(st.integers(0, 600)) for _ in range(count)]) for p in priorities]
    current = [draw(st.integers(0, 1000)) for _ in range(count)]
    return snapshot(parent, caps, group, floors, ceilings, demand, current=current)
