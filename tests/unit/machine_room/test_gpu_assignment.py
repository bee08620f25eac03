"""GPUs go to pods first fit, stay with them, and come back when they are gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploy.local.machine_room.assignment import GpuAssigner

UUIDS = ("GPU-a", "GPU-b", "GPU-c", "GPU-d")


def test_first_fit_in_the_nodes_order() -> None:
    assigner = GpuAssigner(UUIDS)
    assert assigner.assign("one", 1) == ["GPU-a"]
    assert assigner.assign("two", 2) == ["GPU-b", "GPU-c"]
    assigner.release("one")
    assert assigner.assign("three", 2) == ["GPU-a", "GPU-d"]


def test_asking_again_gives_the_same() -> None:
    assigner = GpuAssigner(UUIDS)
    assert assigner.assign("one", 2) == assigner.assign("one", 2) == ["GPU-a", "GPU-b"]


def test_too_few_free_gives_none_at_all() -> None:
    assigner = GpuAssigner(UUIDS)
    assigner.assign("one", 3)
    assert assigner.assign("two", 2) == []
    assert assigner.assign("three", 1) == ["GPU-d"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), max_size=40))
def test_no_gpu_ever_has_two_owners(steps: list[tuple[str, int]]) -> None:
    assigner = GpuAssigner(UUIDS)
    held: dict[str, list[str]] = {}
    for pod, count in steps:
        if count == 0:
            assigner.release(pod)
            held.pop(pod, None)
        elif got := assigner.assign(pod, count):
            assert held.setdefault(pod, got) == got
    taken = [uuid for uuids in held.values() for uuid in uuids]
    assert len(taken) == len(set(taken))
