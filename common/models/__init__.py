"""Models of power: what a container draws, and what comes next."""
