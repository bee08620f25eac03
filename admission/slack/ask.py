"""What somebody asks for in Slack, read from the form that Slack posts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

import msgspec

from admission.slack.command import UNCLEAR, Command, is_name, parse_command
from common.alerts.slack_buttons import APPROVE, CANCEL, CONFIRM, EXPLAIN, SNOOZE, ButtonValue

_MOST_FIELDS: Final = 64
_VERBS: Final = {
    APPROVE: "approve",
    CONFIRM: "confirm",
    CANCEL: "cancel",
    SNOOZE: "snooze",
    EXPLAIN: "explain",
}


class NotUnderstood(ValueError):  # noqa: N818 - named after what it is
    """The body is none that Slack sends to this app."""


@dataclass(frozen=True)
class Ask:
    """One request of one person.

    Attributes:
        command: What is wanted.
        user: ID of who wants it.
        user_name: How Slack calls that person; for logs, never for rights.
        response_url: Where later answers go.
        pressed: Whether a button asks: then Slack shows nothing of the direct answer.
    """

    command: Command
    user: str
    user_name: str = ""
    response_url: str = ""
    pressed: bool = False


class _User(msgspec.Struct, frozen=True):
    id: str
    username: str = ""


class _Action(msgspec.Struct, frozen=True):
    action_id: str
    value: str = ""


class _Payload(msgspec.Struct, frozen=True):
    type: str
    user: _User
    actions: list[_Action] = []
    response_url: str = ""


def read_ask(body: bytes) -> Ask | None:
    """Reads the body of a request; None for Slack's check of the certificate, which wants nothing.

    Raises:
        NotUnderstood: With what is wrong.
    """
    fields = _fields(body)
    if fields.get("ssl_check") == "1":
        return None
    if "payload" in fields:
        return _pressed(fields["payload"])
    if "command" not in fields:
        raise NotUnderstood("neither a slash command nor a button")
    if not fields.get("user_id"):
        raise NotUnderstood("user_id is missing")
    return Ask(
        parse_command(fields.get("text", "")),
        fields["user_id"],
        fields.get("user_name", ""),
        fields.get("response_url", ""),
    )


def _fields(body: bytes) -> dict[str, str]:
    try:
        parsed = parse_qs(body.decode("utf-8"), max_num_fields=_MOST_FIELDS, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise NotUnderstood(f"the form cannot be read ({type(error).__name__})") from None
    return {name: values[0] for name, values in parsed.items()}


def _pressed(text: str) -> Ask:
    try:
        payload = msgspec.json.decode(text, type=_Payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotUnderstood(f"payload cannot be read: {error}") from None
    if payload.type != "block_actions" or not payload.actions or not payload.user.id:
        raise NotUnderstood("payload is no press of a button")
    action = payload.actions[0]
    return Ask(_command(action), payload.user.id, payload.user.username, payload.response_url, pressed=True)


def _command(action: _Action) -> Command:
    verb = _VERBS.get(action.action_id)
    if verb is None:
        return Command(UNCLEAR, problem="this button is not one of climatik's")
    if verb == "cancel":
        return Command(verb)
    try:
        value = msgspec.json.decode(action.value, type=ButtonValue)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Command(UNCLEAR, problem="this button carries nothing that can be read")
    if not is_name(value.name) or (value.namespace and not is_name(value.namespace)):
        return Command(UNCLEAR, problem="this button names no object")
    return Command(
        verb,
        kind=value.kind,
        namespace=value.namespace,
        name=value.name,
        minutes=value.minutes or None,
        alert=value.alert,
        severity=value.severity,
        plan=value.plan,
    )
