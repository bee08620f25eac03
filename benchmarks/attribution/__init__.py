"""Whose watts: a cluster measured in all the ways at once (``world``)."""
