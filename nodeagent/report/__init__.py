"""What the agent says about its node: status, conditions, metrics, tables."""
