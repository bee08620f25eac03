"""The agent's side of the grant protocol (contract §4, rules 3, 6, 7, 8). Pure."""
