"""When a PowerDomain is held by our finalizer, and when it may go."""

from __future__ import annotations

from actuator.ledger.books import counted_in
from actuator.ledger.views import LedgerView


def domains_in_use(view: LedgerView) -> set[str]:
    """Returns the domains that hold a cap or that still count a node with a budget, by name."""
    used = {name for name, domain in view.domains.items() if domain.enforced}
    for node in view.nodes.values():
        if node.frequencies is not None and node.frequencies.budget is not None:
            places = counted_in(node) - {node.domain}
            used |= places | {node.frequencies.budget.domain}
    return used & view.domains.keys()
