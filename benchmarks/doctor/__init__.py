"""The doctor against mistakes of measurement (``mistakes``) in a real Prometheus."""
