"""Answers by ``response_url``: brought in the end, or given up with a word, never to anybody else."""

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from admission.slack import late as module
from admission.slack.late import LateAnswers
from admission.slack.metrics import SlackMetrics
from admission.slack.reply import Reply
from tests.fakes.slack import SENTINEL, SlackStandIn

SECRET_PATH = f"/actions/{SENTINEL}"


@pytest.fixture
def slack(monkeypatch):
    monkeypatch.setattr(module, "_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    made = SlackStandIn()
    yield made
    made.stop()


async def posted(slack, url, api_url=""):
    registry = CollectorRegistry()
    async with aiohttp.ClientSession() as session:
        late = LateAnswers(session, api_url or slack.api_url, SlackMetrics(registry))
        await late.post(url, Reply("hello", shared=True))
    results = ("sent", "failed", "refused")
    counts = {
        each: registry.get_sample_value("climatik_slack_late_answers_total", {"result": each})
        for each in results
    }
    return {each: count for each, count in counts.items() if count}


async def test_answer_arrives_as_slack_wants_it(slack):
    assert await posted(slack, slack.response_url) == {"sent": 1}
    (answer,) = slack.answers
    assert (answer["text"], answer["response_type"], answer["replace_original"]) == (
        "hello",
        "in_channel",
        False,
    )


async def test_slack_that_is_down_is_tried_again_and_given_up_without_telling_the_address(slack, caplog):
    slack.down = True
    caplog.set_level("DEBUG")
    assert await posted(slack, slack.url + SECRET_PATH) == {"failed": 1}
    assert "an answer did not reach Slack" in caplog.text
    assert SENTINEL not in caplog.text


async def test_address_of_somebody_else_is_never_called(slack):
    assert await posted(slack, slack.response_url, "https://slack.com/api/") == {"refused": 1}
    assert slack.answers == []
