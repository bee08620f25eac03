"""What all clients of HTTP services share, whatever service they talk to."""
