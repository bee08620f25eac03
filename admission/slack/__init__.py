"""The Slack app: commands and buttons. A process with a port, an account and secrets of its own."""
