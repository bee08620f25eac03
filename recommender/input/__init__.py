"""What the recommender reads: the API server's objects, and Prometheus."""
