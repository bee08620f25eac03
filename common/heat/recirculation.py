"""The linear model of recirculating heat.

Part of the hot air of a rack finds its way to the inlets of others. At steady air flow the temperature at an
inlet is that of the supplied air and a sum over all racks, in proportion to what each draws:
``T_in = T_supply + D P`` (Tang, Gupta and Varsamopoulos, "Energy-Efficient Thermal-Aware Task Scheduling for
Homogeneous High-Performance Computing Data Centers", IEEE TPDS 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Recirculation:
    """Inlets and what warms them.

    Attributes:
        supply: Temperature of the air supplied to each inlet in degrees Celsius, shape (inlets,).
        degrees_per_watt: The matrix D, shape (inlets, sources); nothing is negative.
        limit: Highest allowed inlet temperature, shape (inlets,); infinite for none.
    """

    supply: Floats
    degrees_per_watt: Floats
    limit: Floats

    def inlets(self, watts: Floats) -> Floats:
        """Returns the inlet temperatures at the draw of each source."""
        return np.asarray(self.supply + self.degrees_per_watt @ watts)

    def excess(self, watts: Floats) -> Floats:
        """Returns by how many degrees each inlet is over its limit; negative under it."""
        return np.asarray(self.inlets(watts) - self.limit)
