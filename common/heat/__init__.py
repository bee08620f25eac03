"""Heat: what the draw of racks does to the air that others breathe in, and what follows for watts."""

from common.heat.caps import watts_under_limits
from common.heat.placement import placement_scores
from common.heat.recirculation import Recirculation
from common.heat.split import Split, coolest_split

__all__ = ["Recirculation", "Split", "coolest_split", "placement_scores", "watts_under_limits"]
