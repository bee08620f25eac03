"""What ``climatik explain`` shows: read, picked from the record (pure), written as text."""
