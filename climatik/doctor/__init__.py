"""The doctor: what is wrong with a cluster's power telemetry, and what to do about it."""
