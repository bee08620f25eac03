"""What is confirmed to the actuator: a sequence only after the devices obey it (rule 3)."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.frequencies import BudgetStatus
from nodeagent.obedience.verdict import Course, Verdict


@dataclass(frozen=True)
class Identity:
    """Whom a confirmation is about: the object that was read, the Node object and its boot."""

    uid: str
    node_uid: str
    boot_id: str


@dataclass(frozen=True)
class Powers:
    """Watts of the node as they are now: worst case by the limits, highest and lowest possible.

    ``sure_minimum_watts`` is the lowest that can be relied on for good, where that is more than the lowest of
    now: what the base of the node is chosen by.
    """

    enforced_watts: int
    nameplate_watts: int
    minimum_watts: int
    sure_minimum_watts: int = 0


def obeys(limit_watts: int, powers: Powers) -> bool:
    """Whether the node is held to a limit, or, where floors do not allow that, as low as it goes."""
    return powers.enforced_watts <= max(limit_watts, powers.minimum_watts)


def confirmation(
    previous: BudgetStatus | None, identity: Identity, verdict: Verdict, powers: Powers, *, may_claim: bool
) -> BudgetStatus:
    """Returns what to confirm now.

    Before any grant this is sequence 0, which makes the node known with its nameplate. A sequence that was
    confirmed stays so, with the present watts, until the next one is obeyed.

    Args:
        previous: What was confirmed last.
        identity: Whom it is about.
        verdict: What holds now.
        powers: The node's watts.
        may_claim: False while something beyond the devices is missing (memory on disk, originals restored).
    """
    sequence = previous.sequence if previous is not None and previous.uid == identity.uid else 0
    claim = verdict.claim
    if claim is not None and claim.uid == identity.uid and may_claim:
        released = verdict.course is Course.RELEASE
        if released or obeys(claim.grant_watts, powers):
            sequence = claim.sequence
    held = verdict.budget_watts is not None
    return BudgetStatus(
        uid=identity.uid,
        sequence=sequence,
        node_uid=identity.node_uid,
        boot_id=identity.boot_id,
        enforced_budget_watts=powers.enforced_watts if held else powers.nameplate_watts,
        nameplate_watts=powers.nameplate_watts,
        minimum_budget_watts=max(powers.minimum_watts, powers.sure_minimum_watts),
    )
