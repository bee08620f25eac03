"""The names of the series that the forecaster learns: what is measured, a slash, and of what."""

from __future__ import annotations

NODE, DOMAIN, POLICY, LOAD = "node", "domain", "policy", "load"


def node_series(node: str) -> str:
    """Returns the name by which the forecaster knows a node's draw."""
    return f"{NODE}/{node}"


def domain_series(domain: str) -> str:
    """Returns the name by which the forecaster knows a domain's draw."""
    return f"{DOMAIN}/{domain}"


def policy_series(key: str) -> str:
    """Returns the name by which the forecaster knows the draw of a policy's pods."""
    return f"{POLICY}/{key}"


def load_series(key: str) -> str:
    """Returns the name by which the forecaster knows the tokens per second of a policy's pods."""
    return f"{LOAD}/{key}"


def is_modelled(series: str) -> bool:
    """Whether a series is worth a model: all but nodes, of which there are many and little is asked."""
    return not series.startswith(f"{NODE}/")
