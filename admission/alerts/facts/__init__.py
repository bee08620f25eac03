"""Facts worth an alert, derived from statuses and conditions alone. Pure."""
