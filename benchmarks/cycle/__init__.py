"""One cycle of the recommender (``side``) on a cluster in memory (``world``)."""
