"""Pages are read side by side; whatever a target does stays its own trouble."""

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from aiohttp import web

from common.telemetry.direct import scraper as module
from common.telemetry.direct.scraper import Scraper
from common.telemetry.direct.targets import AGENT, EXPORTER, Target

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class Clock:
    def now(self):
        return NOW

    def monotonic(self):
        return 0.0


@pytest.fixture
async def server():
    """Answers by path; counts how many are asked at once."""
    state = {"now": 0, "most": 0}

    async def handle(request):
        state["now"] += 1
        state["most"] = max(state["most"], state["now"])
        await asyncio.sleep(0.01)
        state["now"] -= 1
        match request.path:
            case "/hang":
                await asyncio.sleep(30)
            case "/moved":
                raise web.HTTPFound("/ok")
            case "/large":
                return web.Response(body=b"x" * 2000)
            case "/broken":
                return web.Response(status=500)
        headers = (
            {"Date": format_datetime(NOW.replace(minute=2), usegmt=True)} if request.path == "/skewed" else {}
        )
        return web.Response(text="watts 1\n", headers=headers)

    app = web.Application()
    app.router.add_get("/{name}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    state["url"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield state
    await runner.cleanup()


async def read(server, *paths, **options):
    targets = [Target(f"{server['url']}/{path}", EXPORTER) for path in paths]
    async with Scraper(Clock(), options.pop("deadline", 0.5), **options) as one:
        return await one.read(targets)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("hang", "no answer within 0.5 s"),
        ("broken", "answers 500"),
        ("moved", "answers 302"),
        ("large", "larger than"),
    ],
)
async def test_a_page_that_fails_says_why_and_the_others_are_read(server, monkeypatch, path, error):
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    bad, good = await read(server, path, "ok")
    assert (error in bad.error, bad.text) == (True, "")
    assert (good.error, good.text, good.at) == ("", "watts 1\n", NOW.timestamp())


async def test_nobody_there_is_an_error_of_the_page():
    async with Scraper(Clock(), 0.5) as one:
        (page,) = await one.read([Target("http://127.0.0.1:9/metrics", AGENT, "a")])
    assert page.error


async def test_no_more_than_so_many_are_asked_at_once(server):
    await read(server, *["ok"] * 12, most_at_once=3, deadline=5)
    assert server["most"] == 3


async def test_the_clock_of_a_target_is_compared_with_ours(server):
    (page,) = await read(server, "skewed")
    assert page.skew_seconds == pytest.approx(120, abs=1)


def test_an_agent_may_speak_of_its_own_node_alone():
    agent, exporter = Target("u", AGENT, "a"), Target("u", EXPORTER)
    assert [agent.may_say({"node": name}) for name in ("a", "b")] == [True, False]
    assert not agent.may_say({})
    assert exporter.may_say({"Hostname": "anything"})
