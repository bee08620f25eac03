"""Validation of climatik's own kinds: what a schema cannot say. Pure, and never in a cut's way."""
