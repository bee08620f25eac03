"""Alerts on their way out: what one says, and the places that it can be sent to."""
