"""What ``climatik status`` shows: read, made into rows (pure), rendered."""
