"""Workloads that are alike teach each other; those held by a limit are known by their load."""

from dataclasses import replace

import numpy as np
import pytest

from common.models.power.key import ModelKey
from common.models.power.model import PowerModels
from common.telemetry.load import LoadTable, Server
from recommender.logic.containers import ALIKE, MEASURED, NAMEPLATE, PodLimits, recommend_containers
from recommender.logic.power import Running, kinds_of, learn_power
from recommender.model.draws import Draws, PodDraw
from recommender.model.nodes import NodeView
from recommender.model.usage import ContainerKey, Usage
from tests.unit.recommender.builders import NOW, pod_view

AT = NOW.timestamp()
KIND = "vllm|llama|1 x H100"


def draw(watts):
    return PodDraw(watts, 0.0, False, {"server": watts}, ("GPU-0",), "climatik")


def observed(usage, workload, watts, seconds, kind=KIND):
    pod = pod_view("p", workload=workload)
    usage.is_of_kind(ContainerKey("ns", workload, "server"), kind)
    for second in range(0, seconds, 60):
        usage.observe(AT + second, [pod], Draws(pods={"ns/p": draw(watts)}), {})
    return usage


def recommended(usage, workload):
    pod = pod_view("p", workload=workload)
    return recommend_containers([pod], Draws(), usage, {"ns/p": PodLimits(700, 700.0)})[0]


def test_a_new_workload_starts_from_what_its_like_have_drawn():
    usage = observed(Usage(), "Deployment/old", 400.0, 24 * 3600)
    usage.is_of_kind(ContainerKey("ns", "Deployment/new", "server"), KIND)
    made = recommended(usage, "Deployment/new")
    assert (made.basis, made.model_key) == (ALIKE, KIND)
    assert 400 <= made.uncapped_target <= 450


def test_an_hour_of_its_own_counts_more():
    usage = observed(Usage(), "Deployment/old", 400.0, 24 * 3600)
    observed(usage, "Deployment/new", 200.0, 2 * 3600)
    made = recommended(usage, "Deployment/new")
    assert made.basis == MEASURED
    assert made.uncapped_target < 230


def test_without_anything_it_is_the_nameplate():
    usage = observed(Usage(), "Deployment/old", 400.0, 3600, kind="other")
    usage.is_of_kind(ContainerKey("ns", "Deployment/new", "server"), KIND)
    made = recommended(usage, "Deployment/new")
    assert (made.basis, made.uncapped_target) == (NAMEPLATE, 700)


def test_kinds_carry_the_gpu_type_of_the_node():
    pod = replace(pod_view("p"), kind=ModelKey("vllm", "llama", "", 1))
    nodes = {"n1": NodeView("n1", {"nvidia.com/gpu.product": "H100"})}
    assert kinds_of([pod, pod_view("q")], nodes) == {"ns/p": KIND}


def load(running, age=1.0):
    column = np.array([float(running)])
    nothing = np.array([np.nan])
    return LoadTable(
        (Server("ns", "p", "m"),), column, nothing, nothing, 40 * column, 10 * column, nothing, nothing,
        np.array([age]),
    )  # fmt: skip


def true_watts(batch):
    return 150.0 + 400.0 * batch / (batch + 8)


@pytest.fixture
def models():
    taught = PowerModels()
    for step in range(100):
        running = Running({"ns/p": KIND}, {}, {"ns/p": 700})
        draws = Draws(pods={"ns/p": draw(true_watts(step % 25))})
        learn_power(taught, AT + 15 * step, running, load(step % 25), draws)
    return taught


def test_a_held_pod_is_told_by_its_load_what_it_would_draw(models):
    running = Running({"ns/p": KIND}, {"ns/p": True}, {"ns/p": 700})
    lesson = learn_power(models, AT + 2000, running, load(20), Draws(pods={"ns/p": draw(250.0)}))
    assert lesson.uncapped["ns/p"] == pytest.approx(true_watts(20), rel=0.1)
    assert lesson.errors[KIND] == []


def test_a_held_pod_teaches_nothing(models):
    before = models.moments[KIND].count
    running = Running({"ns/p": KIND}, {"ns/p": True}, {"ns/p": 700})
    learn_power(models, AT + 1485, running, load(20), Draws(pods={"ns/p": draw(250.0)}))
    assert models.moments[KIND].count == before


def test_a_free_pod_is_held_against_the_model(models):
    running = Running({"ns/p": KIND}, {}, {"ns/p": 700})
    lesson = learn_power(models, AT + 2000, running, load(20), Draws(pods={"ns/p": draw(true_watts(20))}))
    assert lesson.errors[KIND][0] < 0.1
    assert lesson.uncapped == {}


def test_an_old_load_explains_nothing(models):
    running = Running({"ns/p": KIND}, {}, {"ns/p": 700})
    draws = Draws(pods={"ns/p": draw(300.0)})
    assert learn_power(models, AT + 2000, running, load(20, age=600.0), draws).errors == {}


def test_what_a_held_pod_would_draw_counts_as_its_need():
    usage = Usage()
    pod = pod_view("p")
    draws = Draws(pods={"ns/p": draw(250.0)})
    usage.observe(AT, [pod], draws, {"ns/p": True}, {"ns/p": 430.0})
    assert usage.histogram(ContainerKey("ns", "Deployment/chat", "server")).quantile(0.95) >= 430
