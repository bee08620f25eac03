"""Versions of objects as numbers."""

from __future__ import annotations


def version_number(resource_version: str) -> int:
    """Returns a resourceVersion as the whole number that Kubernetes defines it to be; 0 for none."""
    return int(resource_version) if resource_version.isdecimal() else 0
