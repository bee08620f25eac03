"""What ``climatik algorithms`` shows."""
