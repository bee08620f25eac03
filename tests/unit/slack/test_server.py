"""The port that Slack calls: bounded, signed, in time."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from admission.slack.late import is_slacks
from admission.slack.server import SlackServer
from admission.slack.settings import SlackSettings
from admission.slack.signature import SignatureGate
from common.alerts.notice import Notice
from common.alerts.slack_buttons import alert_buttons
from common.api.core import ObjectReference
from common.service.settings import parse
from tests.fakes.slack import SIGNING_SECRET, press, signature, slash
from tests.unit.slack.desk_for_tests import BOSS, NOW, Office

SECONDS = int(NOW.timestamp())
RESPONSE_URL = "https://hooks.slack.com/actions/T0/1/2"


class LateBox:
    """Keeps late answers."""

    def __init__(self):
        self.posted = asyncio.Queue()

    async def post(self, url, reply):
        await self.posted.put((url, reply))


class Port:
    def __init__(self, office, late, url, session):
        self.office, self.late, self._url, self._session = office, late, url, session

    async def send(self, body, headers=None, path="/slack/commands", method="POST"):
        signed = headers if headers is not None else signature(body, SECONDS)
        async with self._session.request(method, self._url + path, data=body, headers=signed) as answer:
            return answer.status, await answer.text()

    def count(self, result):
        return self.office.metrics.requests.labels(result)._value.get()


@asynccontextmanager
async def serving(*flags, office=None):
    office, late = office or Office(), LateBox()
    settings = parse(SlackSettings, ["--slack-listen-address=127.0.0.1:0", *flags], {})
    gate = SignatureGate(SIGNING_SECRET, 0)
    server = SlackServer(office.desk, gate, late, office.metrics, settings, office.clock)
    port = await server.open()
    async with aiohttp.ClientSession() as session:
        try:
            yield Port(office, late, f"http://127.0.0.1:{port}", session)
        finally:
            await server.close()


async def test_command_is_answered_at_once():
    async with serving() as port:
        status, text = await port.send(slash("help", BOSS))
        answer = json.loads(text)
        assert status == 200
        assert answer["response_type"] == "ephemeral"
        assert "/climatik status" in answer["blocks"][0]["text"]["text"]


async def test_answer_that_takes_longer_comes_late():
    office = Office()
    office.writer.hold = asyncio.Event()
    async with serving("--answer-seconds=0.01", office=office) as port:
        status, text = await port.send(slash("approve llm/chat", BOSS, RESPONSE_URL))
        assert (status, "takes a moment" in text) == (200, True)
        office.writer.hold.set()
        url, reply = await port.late.posted.get()
        assert url == RESPONSE_URL
        assert "updateMode" in reply.text


async def test_stop_brings_the_answers_that_are_due():
    office = Office()
    office.writer.hold = asyncio.Event()
    async with serving("--answer-seconds=0.01", office=office) as port:
        await port.send(slash("approve llm/chat", BOSS, RESPONSE_URL))
        office.writer.hold.set()
        late = port.late
    assert late.posted.qsize() == 1


async def test_button_is_acknowledged_and_answered_late():
    notice = Notice(
        fingerprint="f", name="PolicyOverCap", severity="critical",
        subject=ObjectReference(kind="PowerCappingPolicy", name="chat", namespace="llm"),
    )  # fmt: skip
    rows = alert_buttons(notice)["elements"]
    async with serving() as port:
        body = press(rows[1], BOSS, RESPONSE_URL)
        assert await port.send(body, path="/slack/actions") == (200, "")
        url, reply = await port.late.posted.get()
        assert url == RESPONSE_URL
        assert "PolicyOverCap about PowerCappingPolicy llm/chat" in reply.text
        assert len(port.office.writer.writes) == 1


async def test_replay_is_refused_with_a_clear_answer():
    async with serving() as port:
        body = slash("snooze llm/chat", BOSS)
        assert (await port.send(body))[0] == 200
        assert await port.send(body) == (409, "the request was received before\n")
        assert len(port.office.writer.writes) == 1
        assert port.count("replayed") == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(slash("status", BOSS), {}, 401, id="unsigned"),
        pytest.param(slash("status", BOSS), signature(b"", SECONDS), 401, id="forged"),
        pytest.param(slash("status", BOSS), signature(slash("status", BOSS), SECONDS - 301), 401, id="old"),
        pytest.param(b"x" * 300_000, {}, 413, id="too large"),
        pytest.param(b"a=b", None, 400, id="neither command nor button"),
        pytest.param(b"payload=%7B", None, 400, id="broken payload"),
        pytest.param(b"command=%2Fclimatik", None, 400, id="nobody"),
        pytest.param(b"payload=%7B%22x%22:" + b"[" * 80_000, None, 400, id="nested too deep"),
        pytest.param(b"\xff\xfe", signature(b"\xff\xfe", SECONDS), 401, id="no text"),
        pytest.param(b"ssl_check=1", None, 200, id="Slack's check of the certificate"),
    ],
)
async def test_what_is_no_request_of_slacks_gets_a_clear_answer(body, headers, status):
    async with serving() as port:
        got, text = await port.send(body, headers)
        assert got == status
        assert status == 200 or len(text) > 10
        assert port.office.trail.notes == []


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/slack/commands", 405), ("POST", "/", 404)])
async def test_other_paths_and_methods_are_not_served(method, path, status):
    async with serving() as port:
        assert (await port.send(slash("help", BOSS), path=path, method=method))[0] == status


@pytest.mark.parametrize(
    ("url", "api", "expected"),
    [
        ("https://hooks.slack.com/actions/1", "https://slack.com/api/", True),
        ("https://slack.com/actions/1", "https://slack.com/api/", True),
        ("http://hooks.slack.com/actions/1", "https://slack.com/api/", False),
        ("https://hooks.slack.com.evil.example/", "https://slack.com/api/", False),
        ("https://evilslack.com/", "https://slack.com/api/", False),
        ("https://slack.com@evil.example/", "https://slack.com/api/", False),
        ("https://user@hooks.slack.com/", "https://slack.com/api/", False),
        ("https://169.254.169.254/", "https://slack.com/api/", False),
        ("file:///etc/passwd", "https://slack.com/api/", False),
        ("https://[", "https://slack.com/api/", False),
        ("", "https://slack.com/api/", False),
        ("", "", False),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:2/api/", True),
    ],
)
def test_late_answers_go_to_slack_alone(url, api, expected):
    assert is_slacks(url, api) is expected
