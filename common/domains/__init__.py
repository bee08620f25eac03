"""The tree of power domains: its shape, the caps that hold in it, and the budget that follows for a node."""
