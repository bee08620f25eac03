"""What people get for an answer, and what is done for whom."""

import json

import pytest

from admission.slack.ask import Ask
from admission.slack.command import Command
from common.alerts.slack_buttons import CONFIRM
from common.api.decisions import Decision, Record
from common.kube.errors import ConnectionFailed
from tests.fakes.slack import buttons
from tests.unit.slack.desk_for_tests import BOSS, READER, STRANGER, Office, policy

POLICY = "PowerCappingPolicy"


def confirmation(reply):
    """What pressing the confirming button asks for."""
    button = buttons(reply.to_wire())["Approve now"]
    assert button["action_id"] == CONFIRM
    value = json.loads(button["value"])
    return Command("confirm", POLICY, value["namespace"], value["name"], value["minutes"], plan=value["plan"])


async def test_approve_shows_and_confirm_writes():
    office = Office()
    shown = await office.say("approve llm/chat 30")
    assert office.writer.writes == []
    assert len(office.writer.tried) == 1
    assert "updateMode: Off → Auto" in shown.text
    assert not shown.shared
    told = await office.desk.answer(Ask(confirmation(shown), BOSS))
    ((what, plan, by),) = office.writer.writes
    assert (what, plan.minutes, by) == ("approve", 30, BOSS)
    assert told.shared
    assert office.trail.notes[-1][:3] == ("confirm", "done", BOSS)


async def test_confirmation_of_something_else_writes_nothing():
    office = Office()
    wrong = Command("confirm", POLICY, "llm", "chat", 30, plan="0" * 24)
    assert "changed since" in (await office.desk.answer(Ask(wrong, BOSS))).text
    assert office.writer.writes == []


@pytest.mark.parametrize("user", [STRANGER, READER, ""])
@pytest.mark.parametrize("verb", ["approve", "confirm", "revoke", "snooze"])
async def test_nobody_acts_without_the_right_to(verb, user):
    office = Office()
    reply = await office.desk.answer(Ask(Command(verb, POLICY, "llm", "chat"), user))
    assert "You may not do this" in reply.text
    assert office.writer.writes == []
    assert office.writer.tried == []
    assert office.trail.notes[-1][:3] == (verb, "denied", user)


@pytest.mark.parametrize("text", ["status", "status llm/chat", "explain llm/chat"])
async def test_strangers_learn_nothing(text):
    office = Office()
    assert "1,000" not in (await office.say(text, STRANGER)).text
    assert "denied" in office.trail.notes[-1]


async def test_help_is_everybodys():
    assert "/climatik status" in (await Office().say("help", STRANGER)).text


async def test_snooze_keeps_who_what_and_until_when():
    office = Office()
    reply = await office.say("snooze llm/chat 30")
    ((_, _, entry),) = office.writer.writes
    assert (entry.until, entry.by, entry.alert) == ("2026-01-01T00:30:00Z", BOSS, "*")
    assert "until 2026-01-01 00:30:00 UTC" in reply.text


async def test_snooze_of_what_is_not_there_and_of_a_week_is_refused():
    office = Office()
    assert "not there" in (await office.say("snooze llm/other")).text
    assert "1440 at most" in (await office.say("snooze llm/chat 200h")).text
    assert office.writer.writes == []


async def test_snooze_by_button_needs_no_object_that_is_followed():
    office = Office()
    pressed = Command(
        "snooze", "Lease", "climatik-project", "climatik-actuator", alert="A", severity="critical"
    )
    await office.desk.answer(Ask(pressed, BOSS))
    assert len(office.writer.writes) == 1


async def test_domains_are_not_approved():
    office = Office()
    pressed = Command("approve", "PowerDomain", "", "row-1")
    assert "only policies" in (await office.desk.answer(Ask(pressed, BOSS))).text


async def test_explanation_tells_the_latest_decisions():
    office = Office()
    office.writer.record = Record(
        decisions=[
            Decision(
                key="k", at="2026-01-01T00:00:00Z", subject="policy/llm/chat", rung="Evict",
                verdict="Refused", reason="WarmUp", message="too early", draw_watts=1200, cap_watts=1000,
            )
        ]
    )  # fmt: skip
    text = (await office.say("explain llm/chat", READER)).text
    assert "Refused (WarmUp)" in text
    assert "1,200 W of 1,000 W" in text


async def test_api_server_that_cannot_be_reached_is_told():
    office = Office()
    office.writer.error = ConnectionFailed("no route")
    assert "The API server did not do it: no route" in (await office.say("approve llm/chat")).text
    assert office.trail.notes[-1][1] == "failed"


async def test_failure_inside_is_an_answer_too(caplog):
    office = Office()
    office.writer.error = RuntimeError("boom")
    reply = await office.say("approve llm/chat")
    assert "failed inside" in reply.text
    assert "boom" not in reply.text
    assert "an ask of Slack failed" in caplog.text


async def test_markup_of_others_is_shown_not_obeyed():
    office = Office(policy(annotations={"climatik.io/approval": '{"by": "<!channel>", "until": "<@U1>"}'}))
    text = (await office.say("status llm/chat")).text
    assert "<!channel>" not in text
    assert "&lt;!channel&gt;" in text
