"""A made-up machine room: two rows of racks across a cold aisle, and how their heat recirculates."""

from __future__ import annotations

import numpy as np

from common.heat import Recirculation
from common.heat.recirculation import Floats

SUPPLY_DEGREES = 18.0
_REACH_METRES = 2.5
_RACK_METRES = 0.6
_AISLE_METRES = 1.8
_MEAN_DEGREES_AT_FULL_LOAD = 12.0
_END_FACTOR = 1.8
_SPREAD = 0.5


def made_up_room(racks: int, full_watts: float, limit: float, seed: int) -> Recirculation:
    """Returns a room whose matrix D is synthetic.

    What a rack adds to another's inlet falls with the distance; at the ends of rows, where hot air comes
    around, racks give and get 1.8 times as much, and every entry varies (log-normal, sigma 0.5). Scaled so
    that inlets are 12 degrees above the supply on average when all racks draw everything. Round figures, all
    of them.

    Args:
        racks: In both rows together.
        full_watts: The most that a rack draws.
        limit: Of every inlet, in degrees Celsius.
        seed: Of the noise.
    """
    random = np.random.default_rng(seed)
    place = _places(racks)
    distance = np.linalg.norm(place[:, None, :] - place[None, :, :], axis=2)
    matrix = np.exp(-distance / _REACH_METRES) * random.lognormal(0.0, _SPREAD, (racks, racks))
    along = place[:, 0]
    from_end = np.minimum(along - along.min(), along.max() - along)
    end = 1.0 + (_END_FACTOR - 1.0) * np.exp(-from_end / _RACK_METRES)
    matrix *= end[:, None] * end[None, :]
    matrix *= _MEAN_DEGREES_AT_FULL_LOAD / (matrix.sum(axis=1).mean() * full_watts)
    return Recirculation(np.full(racks, SUPPLY_DEGREES), matrix, np.full(racks, limit))


def _places(racks: int) -> Floats:
    number = np.arange(racks)
    return np.stack([number // 2 * _RACK_METRES, number % 2 * _AISLE_METRES], axis=1)
