"""The client keeps its deadline, its budget and the server's warnings, and says what went wrong."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from common.telemetry.errors import TelemetryRefusedError, TelemetryUnavailableError
from common.telemetry.prometheus import Prometheus, PrometheusSettings
from common.telemetry.retry_budget import RetryBudget

ANSWER = {
    "status": "success",
    "warnings": ["one store did not answer"],
    "infos": ["metric might not be a counter"],
    "data": {"resultType": "vector", "result": [{"metric": {"node": "a"}, "value": [1000.5, "12.5"]}]},
}


class FakeServer:
    """Answers with a list of (status, body, headers), the last one for ever; remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.forms = []
        self.headers = []

    async def handle(self, request):
        self.forms.append(dict(await request.post()))
        self.headers.append(request.headers)
        status, body, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status == "hang":
            await asyncio.sleep(60)
        return web.json_response(body, status=status, headers=headers)


@asynccontextmanager
async def client(fake, *, budget=None, **settings):
    application = web.Application()
    application.router.add_post("/api/v1/query", fake.handle)
    application.router.add_post("/api/v1/query_range", fake.handle)
    async with TestServer(application, shutdown_timeout=0) as server:
        options = {"first_pause_seconds": 0.001, **settings}
        url = str(server.make_url("/"))
        async with Prometheus(PrometheusSettings(url=url, **options), budget=budget) as prometheus:
            yield prometheus


def failure(kind="bad_data", text="parse error"):
    return {"status": "error", "errorType": kind, "error": text}


async def test_an_answer_becomes_columns():
    async with client(FakeServer((200, ANSWER, {}))) as prometheus:
        vector = await prometheus.query("up")
    assert vector.labels == [{"node": "a"}]
    assert vector.values.tolist() == [12.5]
    assert vector.timestamps.tolist() == [1000.5]


async def test_warnings_and_infos_are_kept():
    async with client(FakeServer((200, ANSWER, {}))) as prometheus:
        vector = await prometheus.query("up")
    assert vector.notes == ("one store did not answer", "metric might not be a counter")


async def test_the_query_is_posted_as_a_form_with_its_time():
    fake = FakeServer((200, ANSWER, {}))
    async with client(fake) as prometheus:
        await prometheus.query('up{node="a"}', at=1234.5678)
    assert fake.forms == [{"query": 'up{node="a"}', "timeout": "10s", "time": "1234.568"}]


async def test_a_range_is_laid_out_on_its_grid_with_gaps():
    series = {"metric": {"node": "a"}, "values": [[100, "1"], [120, "3"]]}
    body = {"status": "success", "data": {"resultType": "matrix", "result": [series]}}
    async with client(FakeServer((200, body, {}))) as prometheus:
        matrix = await prometheus.query_range("up", start=100, end=120, step_seconds=10)
    assert matrix.timestamps.tolist() == [100, 110, 120]
    assert str(matrix.values.tolist()) == "[[1.0, nan, 3.0]]"


async def test_the_bearer_token_is_read_anew_for_each_query(tmp_path):
    fake = FakeServer((200, ANSWER, {}))
    file = tmp_path / "token"
    async with client(fake, token_file=str(file)) as prometheus:
        for token in ("old", "new"):
            file.write_text(token + "\n")
            await prometheus.query("up")
    assert [headers["Authorization"] for headers in fake.headers] == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe", b"two\nlines"], ids=["missing", "no text", "two lines"]
)
async def test_a_token_file_that_cannot_be_used_is_named(tmp_path, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    async with client(FakeServer((200, ANSWER, {})), token_file=str(file)) as prometheus:
        with pytest.raises(TelemetryRefusedError, match=f"bearer token file {file}"):
            await prometheus.query("up")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_failure_is_tried_again(status):
    fake = FakeServer((status, failure("unavailable"), {}), (200, ANSWER, {}))
    async with client(fake) as prometheus:
        assert len(await prometheus.query("up")) == 1
    assert len(fake.forms) == 2


@pytest.mark.parametrize("status", [400, 401, 422])
async def test_a_lasting_failure_is_not_tried_again(status):
    fake = FakeServer((status, failure(), {}))
    async with client(fake) as prometheus:
        with pytest.raises(TelemetryRefusedError, match=f"{status}: bad_data: parse error"):
            await prometheus.query("up{")
    assert len(fake.forms) == 1


async def test_tries_are_bounded():
    fake = FakeServer((503, failure("unavailable"), {}))
    async with client(fake, most_tries=3) as prometheus:
        with pytest.raises(TelemetryUnavailableError, match="503"):
            await prometheus.query("up")
    assert len(fake.forms) == 3


async def test_without_budget_nothing_is_tried_again():
    fake = FakeServer((503, failure("unavailable"), {}))
    async with client(fake, budget=RetryBudget(share=0.1, most=0.5)) as prometheus:
        with pytest.raises(TelemetryUnavailableError):
            await prometheus.query("up")
    assert len(fake.forms) == 1


async def test_a_hanging_server_costs_no_more_than_the_deadline():
    async with client(FakeServer(("hang", {}, {})), deadline_seconds=0.05) as prometheus:
        with pytest.raises(TelemetryUnavailableError, match="did not answer within"):
            await prometheus.query("up")


async def test_retry_after_is_told():
    fake = FakeServer((429, failure("busy"), {"Retry-After": "7"}))
    async with client(fake, most_tries=1) as prometheus:
        with pytest.raises(TelemetryUnavailableError) as caught:
            await prometheus.query("up")
    assert caught.value.retry_after_seconds == 7


async def test_an_unreachable_server_is_named(unused_tcp_port):
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with Prometheus(PrometheusSettings(url=url, most_tries=1)) as prometheus:
        with pytest.raises(TelemetryUnavailableError, match=f"cannot reach {url}/api/v1/query"):
            await prometheus.query("up")


async def test_an_answer_of_something_else_is_refused():
    async with client(FakeServer((200, {"hello": "world"}, {}))) as prometheus:
        with pytest.raises(TelemetryRefusedError, match="not of Prometheus' query API"):
            await prometheus.query("up")
