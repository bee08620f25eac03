"""Algorithms that share watts out: one protocol, a registry by name, and the built-in ones."""
