"""What every binary shares: settings, structured logs, health, metrics, and a run loop that stops cleanly."""
