"""What each sink is told, and that no secret leaves by another way."""

import json
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from common.alerts.alertmanager import AlertmanagerSink, as_alert
from common.alerts.cloudevents import CloudEventsSink, headers
from common.alerts.kubernetes_events import EventsSink, as_event
from common.alerts.notice import CRITICAL
from common.alerts.sink import SinkFailed, SinkRefused
from common.alerts.slack import SlackSink
from common.alerts.slack_blocks import message
from common.kube.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Rejected,
    ServerError,
    Status,
    StatusCause,
    StatusDetails,
)
from tests.fakes.clock import FakeClock
from tests.unit.alerts.notices_for_tests import notice

ENDED = {"ended_at": "2026-01-01T00:10:00Z"}
SECRET = "T00000/B00000/XXXXXXXXXXXX"


class Endpoint:
    """A local stand-in that keeps what it is sent and answers as told."""

    def __init__(self):
        self.requests, self.status, self.headers, self.url = [], 200, {}, ""

    async def handle(self, request):
        self.requests.append((request.path, dict(request.headers), await request.json()))
        return web.Response(status=self.status, headers=self.headers, text="ok")


@pytest.fixture
async def endpoint():
    made = Endpoint()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{SECRET}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as made:
        yield made


async def test_slack_gets_one_message_for_a_batch(endpoint, session):
    await SlackSink(session, endpoint.url).send([notice("a"), notice("b")])
    ((path, _, body),) = endpoint.requests
    assert path == f"/{SECRET}"
    assert body["text"] == "PolicyOverCap: 2 firing"
    assert [block["type"] for block in body["blocks"]] == ["header", "section", "section"]


@pytest.mark.parametrize(
    ("status", "error", "wait"),
    [
        (429, SinkFailed, 30.0),
        (500, SinkFailed, 30.0),
        (404, SinkFailed, 30.0),
        (302, SinkFailed, 30.0),
        (400, SinkRefused, None),
    ],
)
async def test_answer_decides_whether_it_is_tried_again(endpoint, session, status, error, wait):
    endpoint.status, endpoint.headers = status, {"Retry-After": "30", "Location": "/elsewhere"}
    with pytest.raises(error) as caught:
        await SlackSink(session, endpoint.url).send([notice()])
    assert getattr(caught.value, "retry_after_seconds", None) == wait
    assert len(endpoint.requests) == 1
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:1/{SECRET}", f"http://[::/{SECRET}", f"nonsense://{SECRET}"]
)
async def test_address_that_fails_is_in_no_error(session, url):
    with pytest.raises(SinkFailed) as caught:
        await SlackSink(session, url).send([notice()])
    assert SECRET not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def text_of(block):
    return block["text"]["text"]


def test_slack_message_says_what_where_how_much_and_what_we_advise():
    payload = message([notice(detail="5,000 W of 4,000 W", severity=CRITICAL)])
    assert payload["text"] == "PolicyOverCap at chat"
    assert text_of(payload["blocks"][1]) == (
        ":red_circle: *PolicyOverCap at chat*\n*Where* PowerCappingPolicy llm/chat\n"
        "*How much* 5,000 W of 4,000 W\n*Since* 2026-01-01 00:00:00 UTC\n*We advise* do something"
    )


def test_slack_message_about_an_end_says_how_long_it_lasted():
    payload = message([notice(**ENDED)])
    assert payload["text"] == "Resolved: PolicyOverCap at chat"
    assert "*Lasted* 2026-01-01 00:00:00 UTC to 2026-01-01 00:10:00 UTC" in text_of(payload["blocks"][1])


def test_slack_message_keeps_within_the_limits_and_puts_the_worst_first():
    many = [notice(f"p{i:03}", summary="x" * 5000, detail="<!channel> & more " * 300) for i in range(60)]
    payload = message([*many, notice("worst", CRITICAL)])
    assert len(payload["blocks"]) <= 50
    assert len(text_of(payload["blocks"][0])) <= 150
    assert all(len(text_of(block)) <= 3000 for block in payload["blocks"])
    assert "llm/worst" in text_of(payload["blocks"][1])
    assert "<!channel>" not in json.dumps(payload["blocks"][1:])
    assert "and 51 more" in text_of(payload["blocks"][-1])


async def test_alertmanager_gets_labels_that_stay_and_an_end_that_moves(endpoint, session):
    clock = FakeClock()
    clock.advance(3600)
    sink = AlertmanagerSink(session, endpoint.url, clock, name="alertmanager-0", resend_seconds=60)
    await sink.send([notice("a"), notice("b", **ENDED)])
    ((path, _, (firing, ended)),) = endpoint.requests
    assert path == f"/{SECRET}/api/v2/alerts"
    assert firing["labels"] == {
        "alertname": "ClimatikPolicyOverCap",
        "severity": "warning",
        "kind": "PowerCappingPolicy",
        "name": "a",
        "namespace": "llm",
    }
    assert firing["endsAt"] == (clock.now() + timedelta(seconds=240)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (ended["startsAt"], ended["endsAt"]) == ("2026-01-01T00:00:00Z", ENDED["ended_at"])


def test_alertmanager_gets_no_empty_label():
    assert (
        "namespace"
        not in as_alert(notice(subject=notice().subject.__class__(kind="X", name="n")), "z")["labels"]
    )


async def test_cloudevent_is_in_binary_mode_with_the_token(endpoint, session):
    await CloudEventsSink(session, endpoint.url, "t0ken").send([notice("a")])
    ((_, sent, body),) = endpoint.requests
    assert sent["ce-specversion"] == "1.0"
    assert sent["ce-type"] == "io.climatik.alert.firing"
    assert sent["ce-subject"] == "PowerCappingPolicy%20llm/a"
    assert sent["Content-Type"] == "application/json"
    assert sent["Authorization"] == "Bearer t0ken"
    assert body["summary"] == "PolicyOverCap at a"


def test_cloudevent_of_a_repeat_has_the_same_id_that_of_the_end_another():
    again = notice("a", detail="other words")
    assert headers(notice("a"))["ce-id"] == headers(again)["ce-id"]
    assert headers(notice("a"))["ce-id"] != headers(notice("a", **ENDED))["ce-id"]


def test_header_values_are_encoded():
    sent = headers(notice(subject=notice().subject.__class__(kind='K"\r\nX: y', name="ä%")))
    assert sent["ce-subject"] == "K%22%0D%0AX:%20y%20%C3%A4%25"


def test_event_is_about_the_object_and_a_repeat_has_the_same_name():
    event = as_event(notice("a"))
    assert event["involvedObject"]["name"] == "a"
    assert (event["type"], event["reason"]) == ("Warning", "PolicyOverCap")
    assert event["message"] == "PolicyOverCap at a. d. do something"
    assert as_event(notice("a", detail="other"))["metadata"] == event["metadata"]
    assert as_event(notice("a", **ENDED))["type"] == "Normal"


class Refusing:
    """A client of an API server that takes no Event."""

    def __init__(self, error):
        self._error = error

    async def create(self, *_):
        raise self._error


def forbidden(*causes):
    return Forbidden(Status(code=403, details=StatusDetails([StatusCause(reason=each) for each in causes])))


EVENT_ANSWERS = {
    "malformed": (Invalid(Status(code=422)), SinkRefused),
    "wrong in another way": (Rejected(Status(code=400)), SinkRefused),
    "no right to": (forbidden(), SinkFailed),
    "server in trouble": (ServerError(Status(code=500)), SinkFailed),
}


@pytest.mark.parametrize(("error", "outcome"), EVENT_ANSWERS.values(), ids=EVENT_ANSWERS.keys())
async def test_event_that_is_not_taken(error, outcome):
    with pytest.raises(outcome):
        await EventsSink(Refusing(error)).send([notice("a")])


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(NotFound(Status(code=404)), id="gone"),
        pytest.param(forbidden("NamespaceTerminating"), id="on its way out"),
    ],
)
async def test_event_of_a_namespace_that_goes_is_passed_over_so_that_others_do_not_wait(error, caplog):
    caplog.set_level("INFO")
    await EventsSink(Refusing(error)).send([notice("a")])
    assert "no place any more" in caplog.text
