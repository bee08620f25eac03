"""What is wrong with a PowerCappingPolicy among the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from admission.validation.algorithms import bad_parameters, unknown_algorithms
from admission.validation.guarantees import crowded
from admission.validation.overlap import fights
from admission.validation.schedules import unreadable
from admission.validation.verdict import Verdict
from common.api.domain import PowerDomain
from common.api.policy import PowerCappingPolicy


def check_policy(
    policy: PowerCappingPolicy,
    neighbours: Iterable[PowerCappingPolicy],
    everywhere: Iterable[PowerCappingPolicy],
    domains: Iterable[PowerDomain],
) -> Verdict:
    """Judges a policy as it would be written.

    Refused are parameters that an algorithm does not take, and windows that cannot be read: neither has a
    meaning. Two policies over the same pods, guarantees that no cap keeps and unknown names do.

    Args:
        policy: The new object.
        neighbours: Policies of its namespace.
        everywhere: All policies.
        domains: All domains.
    """
    spec = policy.spec
    windows = ((each.start, each.time_zone) for each in spec.update_policy.disruption_windows)
    refusals = [*bad_parameters(spec.custom_algorithms)]
    refusals += unreadable("spec.updatePolicy.disruptionWindows", windows)
    warnings = [*unknown_algorithms(spec.custom_algorithms), *fights(policy, neighbours)]
    if spec.guaranteed_watts:
        warnings += crowded(domains, [*(each for each in everywhere if each.key != policy.key), policy])
    return Verdict(tuple(refusals), tuple(warnings))
