"""One round of the ladder: where every subject stands, and what is done for it now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest

from actuator.gate.refusal import Refusal
from actuator.ladder.action import Action, Rung
from actuator.ladder.choose import Chosen, choice_order, choose
from actuator.ladder.counts import Counts
from actuator.ladder.scene import Declined, Level, Option, Subject
from actuator.ladder.settings import LadderSettings
from actuator.ladder.standing import Stand, advance

_NAMED_ALTERNATIVES = 5
_ACTING = (Rung.CEILING, Rung.MIGRATE, Rung.EVICT)


@dataclass(frozen=True)
class Taken:
    """An action to take, the subject that it is for, and what else could have been done."""

    action: Action
    level: Level
    claims: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass
class Decided:
    """Outcome of a round.

    Attributes:
        stands: Where every subject stands; those that need nothing are absent.
        actions: What to do now, in order.
        declined: What would have been done, and why it is not.
    """

    stands: dict[str, Stand] = field(default_factory=dict)
    actions: list[Taken] = field(default_factory=list)
    declined: list[tuple[Level, Declined]] = field(default_factory=list)


def decide(
    subjects: Iterable[Subject],
    stands: Mapping[str, Stand],
    now: datetime,
    counts: Counts,
    settings: LadderSettings,
) -> Decided:
    """Decides for all subjects; an action that serves two of them is taken once.

    Args:
        subjects: With all that could be done for each.
        stands: Where they stood before.
        now: The present moment.
        counts: What may be used up in this round.
        settings: Deadlines and hysteresis.
    """
    decided = Decided()
    relief: dict[str, int] = {}
    for subject in sorted(subjects, key=lambda one: one.level.subject):
        level = subject.level
        stand = advance(stands.get(level.subject), subject, now, settings)
        if stand is None:
            continue
        decided.stands[level.subject] = stand
        if level.excess_watts > 0 and now - stand.begun >= settings.deadlines[Rung.DEVICES]:
            _relieve(subject, stand, counts, relief, decided)
    return decided


def _relieve(
    subject: Subject, stand: Stand, counts: Counts, relief: dict[str, int], decided: Decided
) -> None:
    needed = subject.level.excess_watts - subject.in_flight_watts
    for rung in (rung for rung in _ACTING if rung <= stand.rung):
        options = subject.options.get(rung, ())
        needed -= sum(relief.get(option.action.key, 0) for option in options)
        if needed <= 0:
            return
        going = {taken.action.target.uid for taken in decided.actions}  # what is moved is not evicted as well
        fresh = [one for one in options if one.action.target.uid not in going]
        chosen = choose(fresh, needed, counts)
        needed -= chosen.relief_watts
        _note(subject.level, chosen, fresh, relief, decided)
        decided.declined += [(subject.level, one) for one in subject.declined if one.rung is rung]


def _note(
    level: Level, chosen: Chosen, options: list[Option], relief: dict[str, int], decided: Decided
) -> None:
    picked = {option.action.key for option in chosen.options}
    others = (option for option in options if option.action.key not in picked)
    next_best = nsmallest(_NAMED_ALTERNATIVES, others, key=choice_order)
    named = tuple(f"{option.action.target.name} ({option.action.relief_watts} W)" for option in next_best)
    for option in chosen.options:
        relief[option.action.key] = option.action.relief_watts
        decided.actions.append(Taken(option.action, level, option.claims, named))
    decided.declined += [(level, _over_count(option, claim)) for claim, option in chosen.passed_over.items()]


def _over_count(option: Option, claim: str) -> Declined:
    kind, _, what = claim.partition("/")
    action = option.action
    reason, text = _COUNTS[kind]
    policy = "/".join(action.policy)
    target = f"{action.target.kind}/{action.target.namespace}/{action.target.name}"
    return Declined(action.rung, Refusal(reason, text.format(what)), policy, target)


_COUNTS = {
    "rate": (
        "RateLimited",
        "as many pods of {} were stopped as the window allows: wait, or raise the limit",
    ),
    "replicas": ("LastReplica", "{} would be left with fewer ready replicas than updatePolicy.minReplicas"),
    "move": ("AlreadyMoving", "a pod of {} is on its way already: one at a time"),
    "pdb": ("DisruptionBudget", "PodDisruptionBudget {} allows no further disruption now"),
}
