"""Energy per token and per request: integrated over minutes, whole over replicas, nothing invented."""

from dataclasses import replace

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from common.telemetry.load import LoadTable, Server
from recommender.model.draws import Draws, PodDraw
from recommender.model.efficiency import HALF_LIFE_SECONDS, Efficiency, Service, Spent
from recommender.output.services import ServicePage
from tests.unit.recommender.builders import pod_view

NAN = float("nan")


def load(*rows, age=1.0):
    """Rows of (pod, model, tokens per second, requests per second)."""
    count = len(rows)
    nothing = np.full(count, NAN)
    return LoadTable(
        servers=tuple(Server("ns", pod, model) for pod, model, _, _ in rows),
        running=nothing, waiting=nothing, cache_ratio=nothing,
        generated_per_second=np.array([tokens for *_, tokens, _ in rows], dtype=float),
        prompt_per_second=nothing, first_token_seconds=nothing, next_token_seconds=nothing,
        age_seconds=np.full(count, age),
        requests_per_second=np.array([requests for *_, requests in rows], dtype=float),
    )  # fmt: skip


def draws(**watts):
    return Draws(
        pods={f"ns/{name}": PodDraw(value, 0.0, False, {}, (), "dcgm") for name, value in watts.items()}
    )


def observed(table, drawn, steps=20, seconds=5.0):
    made = Efficiency()
    for step in range(steps):
        made.observe(1000.0 + seconds * step, table, drawn)
    return made


def test_watts_over_rates():
    spent = observed(load(("p", "m", 500.0, 2.0)), draws(p=250.0)).of(["ns/p"])
    assert spent.joules_per_token == pytest.approx(0.5)
    assert spent.joules_per_request == pytest.approx(125.0)


def test_replicas_count_by_what_they_did():
    table = load(("busy", "m", 900.0, 1.0), ("idle", "m", 100.0, 1.0))
    made = observed(table, draws(busy=300.0, idle=200.0))
    assert made.of(["ns/busy", "ns/idle"]).joules_per_token == pytest.approx(0.5)
    assert made.of(["ns/idle"]).joules_per_token == pytest.approx(2.0)


def test_a_pod_that_serves_two_models_splits_its_watts_by_tokens():
    made = observed(load(("p", "a", 300.0, NAN), ("p", "b", 100.0, NAN)), draws(p=400.0))
    services = made.by_service([pod_view("p")])
    assert {key.model: round(one.joules_per_token, 6) for key, one in services.items()} == {
        "a": 1.0,
        "b": 1.0,
    }
    assert made.of(["ns/p"]).joules_per_token == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("table", "drawn"),
    [
        (load(("p", "m", NAN, NAN)), draws(p=250.0)),
        (load(("p", "m", 500.0, 2.0)), draws()),
        (load(("p", "m", 500.0, 2.0), age=300.0), draws(p=250.0)),
        (load(("p", "m", 0.0, 0.0)), draws(p=250.0)),
    ],
    ids=["tokens-unknown", "watts-unknown", "stale-load", "nothing-done"],
)
def test_nothing_is_told_where(table, drawn):
    spent = observed(table, drawn).of(["ns/p"])
    assert (spent.joules_per_token, spent.joules_per_request) == (None, None)


def test_requests_that_are_not_told_leave_tokens_alone():
    spent = observed(load(("p", "m", 500.0, NAN)), draws(p=250.0)).of(["ns/p"])
    assert (spent.joules_per_token, spent.joules_per_request) == (pytest.approx(0.5), None)


def test_the_past_fades_by_half_in_two_minutes():
    made = observed(load(("p", "m", 500.0, 2.0)), draws(p=250.0), steps=400)
    for step in range(int(HALF_LIFE_SECONDS // 5)):
        made.observe(3000.0 + 5.0 * (step + 1), load(("p", "m", 500.0, 2.0)), draws(p=500.0))
    assert made.of(["ns/p"]).joules_per_token == pytest.approx(0.75, abs=0.02)


def test_a_long_gap_counts_as_a_minute_at_most():
    made = observed(load(("p", "m", 500.0, 2.0)), draws(p=250.0), steps=2, seconds=3600.0)
    assert made.of(["ns/p"]).joules == pytest.approx(250.0 * 60)


def test_servers_that_are_gone_are_forgotten():
    made = observed(load(("p", "m", 500.0, 2.0)), draws(p=250.0))
    for step in range(40):
        made.observe(2000.0 + 60.0 * step, load(), draws())
    assert made.of(["ns/p"]) == Spent()


def test_metrics_bear_service_and_model_and_no_pod():
    page = ServicePage()
    registry = CollectorRegistry()
    registry.register(page)
    page.figures = {
        Service("ns", "Deployment/chat", "m"): Spent(50.0, 100.0, 0.0),
        Service("ns", "Deployment/idle", "m"): Spent(50.0, 0.0, 0.0),
    }
    text = generate_latest(registry).decode()
    labels = 'model="m",namespace="ns",workload="Deployment/chat"'
    assert f"climatik_service_joules_per_token{{{labels}}} 0.5" in text
    assert "idle" not in text
    assert "climatik_service_joules_per_request{" not in text


def test_services_are_those_of_running_pods():
    made = observed(load(("p", "m", 500.0, 2.0)), draws(p=250.0))
    assert set(made.by_service([pod_view("p")])) == {Service("ns", "Deployment/chat", "m")}
    assert not made.by_service([replace(pod_view("p"), name="other")])
