"""Rights of users and of user groups."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from admission.slack.people import APPROVE, READ, SNOOZE, AllowList, MembersUnknown, UserGroups
from tests.fakes.clock import FakeClock
from tests.fakes.slack import BOT_TOKEN, SENTINEL, SlackStandIn


@pytest.fixture
def slack():
    made = SlackStandIn({"SPOWER": ["U1", "U2"]})
    yield made
    made.stop()


def groups(slack, clock, token=BOT_TOKEN):
    return UserGroups(
        AsyncWebClient(token, base_url=slack.api_url), clock, cache_seconds=300, deadline_seconds=5
    )


def listed(members_of, *who):
    return AllowList({READ: ["*"], SNOOZE: [], APPROVE: who}, members_of)


async def test_members_of_a_group_have_its_rights(slack):
    people = listed(groups(slack, FakeClock()).members, "SPOWER", "U9")
    assert [await people.allows(user, APPROVE) for user in ("U1", "U2", "U3", "U9")] == [
        True,
        True,
        False,
        True,
    ]


async def test_empty_list_is_nobody_and_a_star_everybody(slack):
    people = listed(groups(slack, FakeClock()).members)
    assert not await people.allows("U1", SNOOZE)
    assert not await people.allows("U1", APPROVE)
    assert await people.allows("U-anybody", READ)


async def test_name_of_a_group_is_no_user(slack):
    assert not await listed(groups(slack, FakeClock()).members, "SNONE").allows("S", APPROVE)


async def test_who_leaves_a_group_loses_the_right_when_the_answer_is_old(slack):
    clock = FakeClock()
    people = listed(groups(slack, clock).members, "SPOWER")
    assert await people.allows("U1", APPROVE)
    slack.groups["SPOWER"] = ["U2"]
    assert await people.allows("U1", APPROVE)
    clock.advance(300)
    assert not await people.allows("U1", APPROVE)


@pytest.mark.parametrize("trouble", ["down", "wrong token", "no such group"])
async def test_group_that_cannot_be_asked_gives_no_right_and_tells_no_secret(slack, trouble, caplog):
    slack.down = trouble == "down"
    token = "xoxb-other-SENTINEL" if trouble == "wrong token" else BOT_TOKEN
    if trouble == "no such group":
        slack.groups.clear()
    caplog.set_level("DEBUG")
    assert not await listed(groups(slack, FakeClock(), token).members, "SPOWER").allows("U1", APPROVE)
    assert "members of a user group are unknown" in caplog.text
    assert SENTINEL not in caplog.text


async def test_without_a_token_groups_are_empty():
    nobody = UserGroups(None, FakeClock(), cache_seconds=1, deadline_seconds=1)
    with pytest.raises(MembersUnknown, match="--slack-bot-token-file"):
        await nobody.members("SPOWER")
