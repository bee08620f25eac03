"""One process that hosts simulated nodes in real time: hardware that outlives the agents that steer it."""
