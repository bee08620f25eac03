"""How a node's budget is split over its devices, and in which order it is written. Pure."""
