"""Which grant counts: sequences of one object only go up, and nothing unknown is trusted unread (rule 3)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from common.api.frequencies import NodeFrequencies, PowerBudget
from nodeagent.obedience.memory import Memory


@dataclass(frozen=True)
class Intake:
    """What came of looking at the object.

    Attributes:
        memory: The grant that counts from now on; None where there never was one.
        gone: Whether the object, or its ``powerBudget``, is missing although a grant is held.
        read_again: Whether only a consistent read can settle what was seen.
    """

    memory: Memory | None
    gone: bool = False
    read_again: bool = False


def take_in(memory: Memory | None, frequencies: NodeFrequencies | None, *, consistent: bool) -> Intake:
    """Decides what a look at the node's own NodeFrequencies means for the grant that is held.

    Args:
        memory: The grant that is held.
        frequencies: The object as seen; None where there is none (or it names another node).
        consistent: Whether it was read from the API server itself, not from a watch that may lag.
    """
    budget = frequencies.spec.power_budget if frequencies is not None else None
    if frequencies is None or budget is None:
        return _missing(memory, consistent=consistent)
    uid = frequencies.metadata.uid
    if memory is not None and memory.uid == uid:
        return _same_object(memory, budget, consistent=consistent)
    if not consistent:
        return Intake(memory, read_again=True)
    if memory is None or memory.released:
        # After a release nothing is held any more, so a new object is a first one.
        return Intake(Memory(uid=uid, budget=budget, boot_id=memory.boot_id if memory is not None else ""))
    carried = memory.base_watts
    return Intake(
        Memory(uid=uid, budget=budget, trusted=False, boot_id=memory.boot_id, carried_watts=carried)
    )


def _introduces(budget: PowerBudget) -> bool:
    """Whether a budget leaves nothing to share out: a first one is the nameplate, base and grant alike.

    To a node that was never held this gives nothing that it had not; to one that was, it would be a raise
    that nobody has made room for.
    """
    return not budget.release and budget.grant_watts <= budget.base_watts


def _missing(memory: Memory | None, *, consistent: bool) -> Intake:
    if memory is None:
        return Intake(None)
    if not consistent:
        return Intake(memory, read_again=True)
    return Intake(None) if memory.released else Intake(memory, gone=True)


def _same_object(memory: Memory, budget: PowerBudget, *, consistent: bool) -> Intake:
    if budget.sequence > memory.sequence:
        carried = memory.allowed_watts if _introduces(budget) and not memory.released else None
        newer = msgspec.structs.replace(
            memory, budget=budget, trusted=True, released=False, carried_watts=carried
        )
        return Intake(newer)
    if budget == memory.budget:
        return Intake(memory)
    # A lower sequence, or the same one with other contents (the schema refuses that): only a store that was
    # set back to an earlier state shows it.
    if not consistent:
        return Intake(memory, read_again=True)
    carried = None if memory.released else memory.base_watts
    back = msgspec.structs.replace(
        memory, budget=budget, trusted=False, released=False, carried_watts=carried
    )
    return Intake(back)
