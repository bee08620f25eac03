"""Writes, events and metrics."""
