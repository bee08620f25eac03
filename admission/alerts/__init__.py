"""Alerts: people are told in time. A process of its own, so that no token lives in the webhook."""
