"""What if: a question with some of its numbers changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from climatik.plan.question import Question
from recommender.planner.service_state import ServiceKey, ServiceState

_DEFAULT_NAMESPACE = "default"


class WhatIfError(ValueError):
    """A change that cannot be made; the text names the flag, the change and the remedy."""


@dataclass(frozen=True)
class _Field:
    """One number that may be changed: its unit, its bounds, an example, and what changes with it."""

    unit: str
    example: str
    least: float = 0.0
    whole: bool = False


_GLOBAL = {
    "cap": _Field("W", "cap=8000", least=1.0),
    "price": _Field("USD/kWh", "price=0.30"),
    "carbon": _Field("g/kWh", "carbon=400"),
}
_OF_SERVICE = {
    "replicas": _Field("replicas, exactly", "default/chat.replicas=4", whole=True),
    "load": _Field("tokens/s", "default/chat.load=2500"),
    "target": _Field("ms between tokens", "default/chat.target=80", least=1.0),
    "priority": _Field("priority", "default/chat.priority=10", least=-math.inf, whole=True),
}
HELP = "; ".join(f"{one.example} ({one.unit})" for one in (*_GLOBAL.values(), *_OF_SERVICE.values()))


def changed(question: Question, changes: Sequence[str]) -> Question:
    """Returns a question with changes like ``cap=8000`` or ``default/chat.replicas=4``, in their order.

    Raises:
        WhatIfError: A change names nothing that there is, or its value is no number in its range.
    """
    for change in changes:
        question = _changed(question, change)
    return question


def _changed(question: Question, change: str) -> Question:
    name, sign, text = change.partition("=")
    if not sign:
        raise WhatIfError(f"--what-if {change}: there is no =; write one of: {HELP}")
    if name in _GLOBAL:
        return _change_all(question, name, _number(change, text, _GLOBAL[name]))
    service, dot, field = name.rpartition(".")
    if not dot or field not in _OF_SERVICE:
        raise WhatIfError(f"--what-if {change}: {name} cannot be changed; write one of: {HELP}")
    return _change_service(question, change, _key(service), field, _number(change, text, _OF_SERVICE[field]))


def _number(change: str, text: str, field: _Field) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < field.least or (field.whole and value != int(value)):
        kind = "a whole number" if field.whole else "a number"
        least = f" of at least {field.least:g}" if math.isfinite(field.least) else ""
        raise WhatIfError(f"--what-if {change}: must be {kind}{least} ({field.unit}), like {field.example}")
    return value


def _change_all(question: Question, name: str, value: float) -> Question:
    if name == "cap":
        return replace(question, cap_watts=value)
    changes = {"price": {"usd_per_kwh": value}, "carbon": {"gco2_per_kwh": value}}
    return replace(question, weights=replace(question.weights, **changes[name]))


def _key(text: str) -> ServiceKey:
    namespace, slash, name = text.rpartition("/")
    return ServiceKey(namespace if slash else _DEFAULT_NAMESPACE, name)


_SERVICE_CHANGES: dict[str, Callable[[ServiceState, float], ServiceState]] = {
    "replicas": lambda one, value: replace(one, least_replicas=int(value), most_replicas=int(value)),
    "load": lambda one, value: replace(one, tokens_per_second=value),
    "target": lambda one, value: replace(one, target_seconds=value / 1000.0),
    "priority": lambda one, value: replace(one, priority=int(value)),
}


def _change_service(question: Question, change: str, key: ServiceKey, field: str, value: float) -> Question:
    if all(one.key != key for one in question.services):
        known = ", ".join(sorted("/".join(one.key) for one in question.services)) or "none"
        raise WhatIfError(f"--what-if {change}: no Deployment {'/'.join(key)}; there are: {known}")
    services = (_SERVICE_CHANGES[field](one, value) if one.key == key else one for one in question.services)
    return replace(question, services=tuple(services))
