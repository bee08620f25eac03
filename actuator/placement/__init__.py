"""Where a pod could move: nodes that may take it, with room, watts and cool air; hot racks (pure code)."""
