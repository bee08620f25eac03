"""Decisions: pure steps from snapshots to statuses, without client, clock or socket."""
