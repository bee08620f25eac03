"""The language of ``/climatik``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admission.slack.command import Command, parse_command

POLICY, DOMAIN, NODE = "PowerCappingPolicy", "PowerDomain", "NodeFrequencies"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Command("help")),
        ("help", Command("help")),
        ("HELP me", Command("help")),
        ("status", Command("status")),
        ("status llm/chat", Command("status", POLICY, "llm", "chat")),
        ("status policy llm/chat", Command("status", POLICY, "llm", "chat")),
        ("explain domain row-1", Command("explain", DOMAIN, "", "row-1")),
        ("explain node gpu-1.example.org", Command("explain", NODE, "", "gpu-1.example.org")),
        ("approve llm/chat", Command("approve", POLICY, "llm", "chat")),
        ("approve llm/chat 90", Command("approve", POLICY, "llm", "chat", 90)),
        ("approve llm/chat 90m", Command("approve", POLICY, "llm", "chat", 90)),
        ("snooze domain row-1 2h", Command("snooze", DOMAIN, "", "row-1", 120)),
        ("revoke llm/chat", Command("revoke", POLICY, "llm", "chat")),
    ],
)
def test_what_is_understood(text, expected):
    assert parse_command(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("drain node-1", "there is no command 'drain'"),
        ("approve", "of what?"),
        ("approve chat", "is not NAMESPACE/POLICY"),
        ("approve /chat", "is not NAMESPACE/POLICY"),
        ("approve llm/", "is not NAMESPACE/POLICY"),
        ("approve a/b/c", "is not NAMESPACE/POLICY"),
        ("approve llm/../secrets", "is not NAMESPACE/POLICY"),
        ("approve domain row-1", "takes a policy"),
        ("explain domain llm/row-1", "is not a name"),
        ("approve llm/chat soon", "no time such as"),
        ("approve llm/chat 0", "no time such as"),
        ("approve llm/chat -5", "no time such as"),
        ("approve llm/chat 5 6", "one word too many"),
        ("revoke llm/chat 5", "one word too many"),
        ("status llm/chat now", "one word too many"),
    ],
)
def test_what_is_not_says_why(text, problem):
    command = parse_command(text)
    assert command.verb == "unclear"
    assert problem in command.problem


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_crash(text):
    command = parse_command(text)
    assert command.verb != "confirm"  # only a button confirms
    assert len(command.problem) < 300
