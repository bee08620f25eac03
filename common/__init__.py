"""What the binaries share: the API, the client, models, telemetry, alerts, algorithms and the twin."""
