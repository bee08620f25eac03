"""Jobs that may wait for cheap or green hours: what is read, what is chosen, what the status tells."""

import math
from datetime import timedelta

import msgspec
import pytest

from common.api.batch import Job, JobSpec, JobStatus
from common.api.core import Container, PodSpec, PodTemplate, ResourceRequirements, TemplateMeta
from common.api.meta import ObjectMeta, rfc3339
from common.api.policy import PolicyStatus, Recommendation, ScheduleAdvice, UpdatePolicy
from common.grid.series import Signal
from recommender.shifter import JobWatts, Shifter
from tests.unit.recommender.builders import NOW, policy
from tests.unit.recommender.scene import Scene

SCALE = UpdatePolicy(update_mode="Auto", levers=["Scale"], min_replicas=0)
HOUR = timedelta(hours=1)
START = NOW.replace(minute=0, second=0, microsecond=0)


def job(name="train", *, by=START + 10 * HOUR, hours="2", parallelism=2, done="", held=False, **labels):
    annotations = {"climatik.io/complete-by": rfc3339(by) if hasattr(by, "year") else by}
    annotations |= {"climatik.io/run-hours": hours}
    if held:
        annotations["climatik.io/replica-ceiling"] = "{}"
    container = Container(name="main", resources=ResourceRequirements(limits={"nvidia.com/gpu": "1"}))
    template = PodTemplate(TemplateMeta(labels={"app": "chat"}), PodSpec(containers=[container]))
    return Job(
        metadata=ObjectMeta(name=name, namespace="ns", uid=name, annotations=annotations, labels=labels),
        spec=JobSpec(parallelism=parallelism, template=template),
        status=JobStatus(completion_time=done),
    )


def scene_of(*jobs, price=(), carbon=(), tonne=0.0):
    told = {Signal.PRICE: list(price), Signal.CARBON_INTENSITY: list(carbon)}
    scene = Scene()
    scene.engine.shifter = Shifter(
        lambda: jobs, lambda signal, _, count: (told[signal] + [math.nan] * count)[:count],
        JobWatts(100.0, 700.0), tonne,
    )  # fmt: skip
    scene.measure()
    return scene.cycle()


def recommended(scene, cap=8000, status=None, **spec):
    own = {"workload_type": "Training", "update_policy": SCALE} | spec
    return scene.advise(policy(power_cap_limit=cap, status=status, **own)).recommendation


def ceilings(recommendation):
    return {one.workload: one.replicas for one in recommendation.replicas}


DEAR_NOW = [90.0, 90.0, 20.0, 90.0, 30.0, 90.0, 90.0, 90.0, 90.0, 90.0]


def test_a_job_waits_for_the_cheapest_hours_and_the_status_tells_when():
    recommendation = recommended(scene_of(job(), price=DEAR_NOW))
    assert ceilings(recommendation)["Job/train"] == 0
    (told,) = recommendation.schedule
    assert (told.runs, told.next_start, told.pods) == (False, rfc3339(START + 2 * HOUR), 2)
    assert told.reason == "runs in the cheapest hours before its deadline"


def test_it_runs_when_the_hour_is_cheap_and_its_watts_are_set_aside():
    scene = scene_of(job(), price=[5.0, *DEAR_NOW])
    with_job, alone = recommended(scene, cap=4000), recommended(scene_of(), cap=4000)
    assert ceilings(with_job)["Job/train"] == 2
    each = {one.workload: one.watts_per_replica for one in with_job.replicas}
    assert each["Job/train"] == 800
    assert ceilings(with_job)["Deployment/chat"] < ceilings(alone)["Deployment/chat"]
    total = sum(one.replicas * one.watts_per_replica for one in with_job.replicas)
    assert total <= with_job.replica_budget_watts == 4000


@pytest.mark.parametrize(
    ("what", "made", "reason"),
    [
        ("no slack is left", job(by=START + 2 * HOUR), "needs every hour that is left"),
        ("the deadline cannot be kept", job(by=START + HOUR, hours="3"), "its hours do not fit"),
        ("the deadline is over", job(by=START - HOUR), "its hours do not fit"),
        ("a deadline that is no time", job(by="soon"), "'soon' is no time like"),
        ("a deadline without a zone", job(by="2026-01-01T00:00:00"), "is no time like"),
        ("hours that are no number", job(hours="two"), "'two' is no number of hours"),
        ("more hours than a week has", job(hours="200"), "'200' is no number of hours"),
    ],
)
def test_runs_at_once_where(what, made, reason):
    recommendation = recommended(scene_of(made, price=DEAR_NOW))
    assert ceilings(recommendation)["Job/train"] == 2, what
    assert reason in recommendation.schedule[0].reason


@pytest.mark.parametrize(
    ("what", "made", "spec"),
    [
        ("a Job that is done", job(done="2026-01-01T00:00:00Z"), {}),
        ("a Job in a queue of Kueue's", job(**{"kueue.x-k8s.io/queue-name": "q"}), {}),
        ("inference", job(), {"workload_type": "Inference"}),
        ("a Job without annotations", Job(metadata=ObjectMeta(name="train", namespace="ns")), {}),
    ],
)
def test_is_left_alone(what, made, spec):
    recommendation = recommended(scene_of(made, price=DEAR_NOW), **spec)
    assert recommendation.schedule == [], what
    assert "Job/train" not in ceilings(recommendation)


def test_only_carbon_counts_where_no_price_is_told():
    green_later = [400.0, 400.0, 400.0, 50.0, 50.0] + [400.0] * 5
    (told,) = recommended(scene_of(job(), carbon=green_later)).schedule
    assert told.next_start == rfc3339(START + 3 * HOUR)


def test_carbon_counts_beside_the_price_as_far_as_it_is_said_to():
    carbon = [0.0, 0.0] + [900.0] * 8
    cheap_later = [60.0, 60.0, 20.0, 20.0] + [60.0] * 6
    for tonne, runs in ((0.0, False), (100.0, True)):
        (told,) = recommended(scene_of(job(), price=cheap_later, carbon=carbon, tonne=tonne)).schedule
        assert told.runs is runs, tonne


def test_without_any_source_of_the_grid_a_job_runs_at_once():
    (told,) = recommended(scene_of(job())).schedule
    assert told.runs


def test_while_our_ceiling_is_on_it_the_pods_are_those_told_before():
    first = scene_of(job(), price=DEAR_NOW).advise(
        policy(power_cap_limit=8000, workload_type="Training", update_policy=SCALE)
    )
    held = scene_of(job(parallelism=0, held=True), price=[5.0, *DEAR_NOW])
    assert ceilings(recommended(held, status=first))["Job/train"] == 2


def test_two_jobs_share_what_the_cap_leaves_in_the_cheap_hours():
    jobs = [job("a", hours="1"), job("b", hours="1")]
    told = recommended(scene_of(*jobs, price=DEAR_NOW), cap=2600).schedule
    assert sorted(one.next_start for one in told) == [rfc3339(START + 2 * HOUR), rfc3339(START + 4 * HOUR)]


def test_more_jobs_than_a_status_has_room_for_run_at_once():
    many = [job(f"j{number:02}") for number in range(70)]
    recommendation = recommended(scene_of(*many, price=DEAR_NOW), cap=900_000)
    assert len(recommendation.schedule) == 32
    assert "Deployment/chat" in ceilings(recommendation)
    assert len(recommendation.replicas) <= 64


def test_a_policy_that_keeps_a_replica_stops_no_job_and_says_what_would():
    keeps = UpdatePolicy(update_mode="Auto", levers=["Scale"], min_replicas=1)
    recommendation = recommended(scene_of(job(), price=DEAR_NOW), update_policy=keeps)
    assert ceilings(recommendation)["Job/train"] == 2
    (told,) = recommendation.schedule
    assert told.runs
    assert "only with spec.updatePolicy.minReplicas 0" in told.reason
    assert told.next_start == rfc3339(START + 2 * HOUR)


@pytest.mark.parametrize(("made_at", "remaining"), [("2026-01-01T11:00:00Z", 1), ("2026-01-01T12:00:00Z", 2)])
def test_what_a_job_before_it_of_the_same_name_ran_is_not_its_own(made_at, remaining):
    ran = ScheduleAdvice(workload="Job/train", ran_seconds=3600)
    status = PolicyStatus(
        last_updated="2026-01-01T12:00:00Z", recommendation=Recommendation(summary="", schedule=[ran])
    )
    made = job()
    metadata = msgspec.structs.replace(made.metadata, creation_timestamp=made_at)
    scene = scene_of(msgspec.structs.replace(made, metadata=metadata), price=DEAR_NOW)
    (told,) = recommended(scene, status=status).schedule
    assert told.remaining_hours == remaining
