"""Jobs: their pods at once are the count, down to none, unless Kueue counts them."""

from __future__ import annotations

import pytest

from actuator.scaling.decide import NO_COUNT, Ask, ceiling_in_force, decide, original_ceiling
from actuator.scaling.fields import merge_patch
from actuator.scaling.handles.job import JOB, PARALLELISM
from actuator.scaling.handles.registry import known_handle
from actuator.scaling.memory import Note
from common.api.core import ObjectReference

from .bodies import Body

NOW = "2026-01-01T00:00:00Z"


def job(parallelism: int | None, **labels: str) -> Body:
    spec = {} if parallelism is None else {"parallelism": parallelism}
    return {"kind": "Job", "metadata": {"name": "train", "labels": labels}, "spec": spec}


@pytest.mark.parametrize(
    ("what", "parallelism", "ceiling", "written"),
    [
        ("some pods go", 4, 2, {PARALLELISM: 2}),
        ("all pods go", 4, 0, {PARALLELISM: 0}),
        ("few enough already", 2, 4, {}),
        ("an absent count is one", None, 0, {PARALLELISM: 0}),
        ("an absent count that may stay", None, 1, {}),
    ],
)
def test_lowers(what: str, parallelism: int | None, ceiling: int, written: dict[str, int]) -> None:
    decision = decide(JOB, job(parallelism), "", Note(), Ask("ns/cap", ceiling, NOW))
    assert (decision.done, decision.values) == (True, written), what


def test_gives_back_what_was_there_before() -> None:
    first = decide(JOB, job(4), "", Note(), Ask("ns/cap", 0, NOW))
    waiting = job(0)
    assert ceiling_in_force(JOB, waiting, "") == 0
    assert original_ceiling(JOB, waiting, "", first.note) == 4
    back = decide(JOB, waiting, "", first.note, Ask("ns/cap", 4, NOW))
    assert back.values == {PARALLELISM: 4}
    assert not back.note.fields
    assert merge_patch(back.values) == {"spec": {"parallelism": 4}}


def test_a_job_in_a_queue_is_refused() -> None:
    queued = job(4, **{"kueue.x-k8s.io/queue-name": "team"})
    decision = decide(JOB, queued, "", Note(), Ask("ns/cap", 0, NOW))
    assert (decision.done, decision.reason, decision.values) == (False, NO_COUNT, {})


def test_jobs_of_any_version_have_the_handle() -> None:
    assert known_handle(ObjectReference(api_version="batch/v1", kind="Job", name="train")) is JOB
