"""Evictions on a real API server (``arena``), counted in its audit log (``audit``); planning (``plan``)."""
