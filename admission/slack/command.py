"""The language of ``/climatik``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import object_key
from common.api.policy import POLICIES

HELP: Final = "help"
UNCLEAR: Final = "unclear"

HELP_TEXT: Final = """\
*/climatik status* [_NAMESPACE/POLICY_]: what is drawn, expected and advised
*/climatik explain* _NAMESPACE/POLICY_ | domain _NAME_ | node _NAME_: why it is as it is
*/climatik snooze* _NAMESPACE/POLICY_ | domain _NAME_ | node _NAME_ [_MINUTES_]: silence for a while
*/climatik approve* _NAMESPACE/POLICY_ [_MINUTES_]: shows what allowing its levers would change, and asks
*/climatik revoke* _NAMESPACE/POLICY_: ends an approval now"""

_KINDS: Final = {
    "policy": POLICIES.kind,
    "domain": POWER_DOMAINS.kind,
    "node": NODE_FREQUENCIES.kind,
}
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_MINUTES: Final = re.compile(r"(\d{1,6})(m|min|h)?")
_TAKES: Final = {
    "status": (POLICIES.kind,),
    "approve": (POLICIES.kind,),
    "revoke": (POLICIES.kind,),
    "snooze": tuple(_KINDS.values()),
    "explain": tuple(_KINDS.values()),
}
_TIMED: Final = frozenset({"approve", "snooze"})


@dataclass(frozen=True)
class Command:
    """What is wanted, of what.

    Attributes:
        verb: ``status``, ``explain``, ``snooze``, ``approve``, ``confirm``, ``cancel``, ``revoke``, ``help``
            or ``unclear``.
        kind: Of the object; empty where there is none.
        namespace: Of the object.
        name: Of the object.
        minutes: How long; None where nothing was said.
        alert: Which alert, where a button of one was pressed.
        severity: Its severity then.
        plan: Digest of the plan that is confirmed.
        problem: What was not understood.
    """

    verb: str
    kind: str = ""
    namespace: str = ""
    name: str = ""
    minutes: int | None = None
    alert: str = ""
    severity: str = ""
    plan: str = ""
    problem: str = ""

    @property
    def about(self) -> str:
        """The object as a person would name it; empty where there is none."""
        return f"{self.kind} {object_key(self.name, self.namespace)}" if self.name else ""


def is_name(text: str) -> bool:
    """Whether an object or a namespace may be called so."""
    return _NAME.fullmatch(text) is not None


def parse_command(text: str) -> Command:
    """Reads what stands behind ``/climatik``; what is not understood says so in ``problem``."""
    words = text.split()
    verb = words[0].lower() if words else HELP
    if verb == HELP:
        return Command(HELP)
    if verb not in _TAKES:
        return Command(UNCLEAR, problem=f"there is no command {verb[:40]!r}")
    if verb == "status" and len(words) == 1:
        return Command(verb)
    return _about(verb, words[1:])


def _about(verb: str, words: list[str]) -> Command:
    kind = _KINDS.get(words[0].lower(), "") if words else ""
    rest = words[1:] if kind else words
    kind = kind or POLICIES.kind
    if not rest:
        return Command(UNCLEAR, problem=f"{verb} of what? Name a policy as NAMESPACE/POLICY")
    if kind not in _TAKES[verb]:
        return Command(UNCLEAR, problem=f"{verb} takes a policy: NAMESPACE/POLICY")
    namespace, slash, name = rest[0].rpartition("/")
    if not is_name(name) or (kind == POLICIES.kind) != is_name(namespace):
        wanted = "NAMESPACE/POLICY" if kind == POLICIES.kind else "a name"
        return Command(UNCLEAR, problem=f"{rest[0][:80]!r} is not {wanted}")
    if slash and not namespace:
        return Command(UNCLEAR, problem=f"{rest[0][:80]!r} is not a name")
    return _timed(verb, kind, namespace, name, rest[1:])


def _timed(verb: str, kind: str, namespace: str, name: str, rest: list[str]) -> Command:
    minutes = _minutes(rest[0]) if rest and verb in _TIMED else None
    if (rest and minutes is None) or len(rest) > 1:
        return Command(
            UNCLEAR, problem=f"{' '.join(rest)[:80]!r} is one word too many, or no time such as 90 or 2h"
        )
    return Command(verb, kind, namespace, name, minutes)


def _minutes(text: str) -> int | None:
    match = _MINUTES.fullmatch(text.lower())
    if match is None or int(match[1]) == 0:
        return None
    return int(match[1]) * (60 if match[2] == "h" else 1)
