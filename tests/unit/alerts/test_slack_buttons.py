"""Buttons under alerts: which alert has which, and within Slack's bounds."""

import json

import pytest

from common.alerts.slack_blocks import message
from tests.fakes.slack import buttons
from tests.unit.alerts.notices_for_tests import notice, subject

ENDED = "2026-01-01T00:01:00Z"


def labels(one):
    return list(buttons(message([one], buttons=True)))


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        pytest.param(notice("chat"), ["Approve…", "Snooze", "Explain"], id="a policy over its cap"),
        pytest.param(
            notice("chat", name="AdviceNotTaken"), ["Approve…", "Snooze", "Explain"], id="advice not taken"
        ),
        pytest.param(notice("chat", name="TelemetryStale"), ["Snooze", "Explain"], id="no lever cures it"),
        pytest.param(
            notice("row", subject=subject("row", "", "PowerDomain")), ["Snooze", "Explain"], id="a domain"
        ),
        pytest.param(notice("chat", ended_at=ENDED), [], id="what is over"),
    ],
)  # fmt: skip
def test_which_buttons(alert, expected):
    assert labels(alert) == expected


def test_without_the_app_there_are_none():
    assert buttons(message([notice("chat")])) == {}


def test_button_says_what_it_is_about():
    button = buttons(message([notice("chat")], buttons=True))["Snooze"]
    assert json.loads(button["value"]) == {
        "kind": "PowerCappingPolicy", "namespace": "llm", "name": "chat",
        "alert": "PolicyOverCap", "severity": "warning",
    }  # fmt: skip


def test_largest_message_is_within_slacks_bounds():
    long = [
        notice(f"{'n' * 240}{index}", detail="d" * 5000, advice="a" * 5000, summary="s" * 5000)
        for index in range(40)
    ]
    blocks = message(long, buttons=True)["blocks"]
    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")
    values = [each["value"] for block in blocks if block["type"] == "actions" for each in block["elements"]]
    assert max(map(len, values)) <= 2000
