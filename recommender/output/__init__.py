"""What the recommender gives out: statuses, plans and metrics."""
