"""Algorithms of third parties: found by entry point, run in a process of their own, checked before use."""
