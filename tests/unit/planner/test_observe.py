"""Samples of services from what is said of pods."""

import numpy as np
import pytest

from common.telemetry.load import LoadTable, Server
from recommender.model.draws import Draws, PodDraw
from recommender.planner.observe import Pods, Samples, pods_of
from recommender.planner.service_state import ServiceKey

CHAT = ServiceKey("ns", "chat")
A, B = ServiceKey("ns", "chat-a"), ServiceKey("ns", "chat-b")
SERVICES = {A: CHAT, B: CHAT}


def test_load_and_watts_of_a_pod_come_together_and_what_is_not_told_is_absent():
    load = LoadTable(
        (Server("ns", "chat-a", "m"), Server("ns", "chat-a", "n"), Server("ns", "chat-b", "m")),
        *(np.array(column) for column in ([4.0, 1.0, np.nan], [2.0, np.nan, 0.0])),
        *[np.full(3, np.nan)],
        np.array([100.0, 20.0, np.nan]),
        *[np.full(3, np.nan)] * 4,
    )
    draws = Draws(pods={"ns/chat-a": PodDraw(300.0, 20.0, False, {}, ("G1",), "dcgm")})
    found = pods_of(load, draws)
    assert found.tokens_per_second == {A: 120.0}
    assert (found.running, found.waiting) == ({A: 5.0}, {A: 2.0, B: 0.0})
    assert found.watts == {A: 320.0}


def test_waiting_requests_count_as_load():
    samples = Samples(1.645)
    samples.add(Pods({A: 100.0, B: 100.0}, {A: 5.0, B: 5.0}, {A: 5.0}, {A: 200.0, B: 200.0}), SERVICES)
    assert samples.demand(CHAT) == pytest.approx(300.0)


def test_a_pod_without_watts_gives_no_sample():
    samples = Samples(1.645)
    samples.add(Pods({A: 100.0}, {A: 5.0}, {}, {}), SERVICES)
    assert samples.model(CHAT) is None
    assert samples.demand(CHAT) == 0.0


def test_the_time_to_the_first_token_is_the_highest_of_the_pods_and_untold_while_requests_wait():
    def learnt(waiting):
        samples = Samples(1.645)
        load = ({A: 100.0, B: 100.0}, {A: 10.0, B: 10.0}, waiting, {A: 200.0, B: 200.0})
        samples.add(Pods(*load, {A: 0.2, B: 0.5}), SERVICES)
        return samples.model(CHAT)

    told = learnt({})
    assert told.first_seconds + 10 * told.first_request_seconds == pytest.approx(0.5, rel=0.05)
    assert learnt({A: 3.0}).first_seconds == 0.0


def test_services_without_pods_are_forgotten_in_time():
    samples = Samples(1.645)
    samples.add(Pods({A: 100.0}, {A: 5.0}, {}, {A: 200.0}), SERVICES)
    for _ in range(239):
        samples.add(Pods({}, {}, {}, {}), {})
    assert samples.demand(CHAT) > 0
    samples.add(Pods({}, {}, {}, {}), {})
    assert samples.demand(CHAT) == 0.0
