"""What ``climatik slowdown`` asks and answers."""
