"""How many replicas of each service, and at how many watts each, under a cap on watts."""
