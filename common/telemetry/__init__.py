"""Power telemetry: the Prometheus client, the dialects of the field, and one internal table."""
