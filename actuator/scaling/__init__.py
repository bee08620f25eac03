"""Replica ceilings: who owns a count, what is written there, what is remembered, and in which order."""
