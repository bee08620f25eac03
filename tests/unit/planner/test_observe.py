"""Samples of services from what is said of pods."""

import numpy as np
import pytest

from common.telemetry.reading import Reading
from common.telemetry.table import Place, make_table
from recommender.planner.observe import Pods, Samples, pod_watts
from recommender.planner.service_state import ServiceKey

CHAT = ServiceKey("ns", "chat")
A, B = ServiceKey("ns", "chat-a"), ServiceKey("ns", "chat-b")
SERVICES = {A: CHAT, B: CHAT}


def reading(*rows):
    places = [Place(scope, device=device, namespace="ns", pod=pod) for scope, device, pod, _ in rows]
    watts = np.array([row[3] for row in rows], dtype=float)
    return Reading(0.0, make_table("dcgm", places, watts, np.zeros(len(rows))))


def test_a_shared_gpu_is_shared_and_cpu_is_added():
    watts = pod_watts(
        reading(("gpu", "G1", "chat-a", 300), ("gpu", "G1", "chat-b", 300), ("pod", "", "chat-a", 20))
    )
    assert watts == {A: pytest.approx(170), B: pytest.approx(150)}


def test_two_sources_of_one_gpu_count_once():
    assert pod_watts(reading(("gpu", "G1", "chat-a", 300), ("gpu", "G1", "chat-a", 290))) == {A: 300}


def test_waiting_requests_count_as_load():
    samples = Samples(1.645)
    samples.add(Pods({A: 100.0, B: 100.0}, {A: 5.0, B: 5.0}, {A: 5.0}, {A: 200.0, B: 200.0}), SERVICES)
    assert samples.demand(CHAT) == pytest.approx(300.0)


def test_a_pod_without_watts_gives_no_sample():
    samples = Samples(1.645)
    samples.add(Pods({A: 100.0}, {A: 5.0}, {}, {}), SERVICES)
    assert samples.model(CHAT) is None
    assert samples.demand(CHAT) == 0.0
