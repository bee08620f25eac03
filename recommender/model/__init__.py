"""What the recommender knows: immutable views of pods, nodes and draws, and the memory of the past."""
