"""The watts served at each priority equal a linear program's optimum, level after level."""

import highspy
import numpy as np
import pytest

from common.algorithms.caps import members_by_group
from common.algorithms.protocol import NO_PARENT, UNCAPPED
from common.algorithms.water_filling import divide
from tests.unit.algorithms.instances import snapshot


def random_instance(seed):
    random = np.random.default_rng(seed)
    racks, count = int(random.integers(2, 8)), int(random.integers(5, 40))
    rows = int(random.integers(1, 4))
    parent = [NO_PARENT] + [0] * rows + [int(random.integers(1, rows + 1)) for _ in range(racks)]
    group = random.integers(1 + rows, 1 + rows + racks, count)
    floors = random.integers(50, 150, count)
    ceilings = floors + random.integers(100, 900, count)
    caps = [int(floors.sum() * random.uniform(1.0, 3.0)), *([UNCAPPED] * rows)]
    for rack in range(racks):
        below = floors[group == 1 + rows + rack]
        caps.append(int(below.sum() * random.uniform(1.0, 3.0)))
    demand = [(p, random.integers(0, 500, count)) for p in (2, 1, 0)]
    return snapshot(parent, caps, group, floors, ceilings, demand)


def highest_total(instance, levels):
    """Maximises the watts served of the given classes, given that all fit on top of the floors."""
    solver = highspy.Highs()
    solver.silent()
    count = len(instance.members)
    classes = [np.minimum(level.watts, instance.ceiling_watts - instance.floor_watts) for level in levels]
    served = [[solver.addVariable(0, float(limit)) for limit in limits] for limits in classes]
    for index in range(count):
        total = sum(row[index] for row in served)
        solver.addConstr(total <= float(instance.ceiling_watts[index] - instance.floor_watts[index]))
    groups = members_by_group(instance.caps, instance.group)
    for members, cap in zip(groups, instance.caps.cap_watts.tolist(), strict=True):
        if cap != UNCAPPED and len(members):
            left = cap - int(instance.floor_watts[members].sum())
            solver.addConstr(sum(row[m] for row in served for m in members.tolist()) <= float(left))
    solver.maximize(sum(variable for row in served for variable in row))
    return solver.getObjectiveValue()


def served_up_to(instance, watts, levels):
    """What a division serves of the first classes: everything above the floor, up to their sum."""
    asked = sum(level.watts for level in levels)
    return int(np.minimum(watts - instance.floor_watts, asked).sum())


@pytest.mark.parametrize("seed", range(12))
def test_served_demand_equals_the_optimum_of_a_linear_program_at_every_priority(seed):
    instance = random_instance(seed)
    watts = divide(instance)
    for depth in range(1, len(instance.demand) + 1):
        levels = instance.demand[:depth]
        assert served_up_to(instance, watts, levels) == pytest.approx(
            highest_total(instance, levels), abs=1e-6
        )
