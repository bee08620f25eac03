"""Price and carbon intensity of the power grid: where to get them, and what to do when they cannot be had."""
