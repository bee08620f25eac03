"""Caps of pods: which cap a board has, by who holds it."""

import pytest

from common.api.frequencies import PodPowerLimit
from nodeagent.pods.podcaps import with_pod_caps
from nodeagent.pods.tenancy import NOT_FOLLOWED, Holder, PodFacts, Tenancy
from nodeagent.setpoints import SetPoint, SetPoints

BOARDS = ["GPU-0", "GPU-1"]


def cap(name, watts, gpu="GPU-0", uid=""):
    return PodPowerLimit(gpu_id=gpu, pod_namespace="llm", pod_name=name, pod_uid=uid, watts=watts)


def held(*pods, board="GPU-0", known=True):
    holders = {board: tuple(Holder("llm", pod, "c") for pod in pods)} if pods else {}
    facts = {f"llm/{pod}": PodFacts(f"uid-{pod}") for pod in pods}
    return Tenancy(followed=True, known=known, holders=holders, facts=facts)


WAITS = "the cap of pod llm/a waits until that pod holds this GPU"
ALONE = "no cap of a pod holds while pod llm/b, without one, shares this GPU"
CASES = {
    "the pod holds it": ([cap("a", 300)], held("a"), 300, ""),
    "the pod does not hold it": ([cap("a", 300)], held(), None, WAITS),
    "another pod holds it": ([cap("a", 300)], held("b"), None, WAITS),
    "the pod holds another board": ([cap("a", 300)], held("a", board="GPU-1"), None, WAITS),
    "of the same uid": ([cap("a", 300, uid="uid-a")], held("a"), 300, ""),
    "made anew under the name": ([cap("a", 300, uid="uid-old")], held("a"), None, WAITS),
    "every pod of a shared board has one": ([cap("a", 300), cap("b", 150)], held("a", "b"), 450, ""),
    "one pod of a shared board has none": ([cap("a", 300)], held("a", "b"), None, ALONE),
    "of two caps one pod has come": ([cap("a", 300), cap("b", 150)], held("b"), 150, WAITS),
    "nobody knows who holds it": (
        [cap("a", 300)],
        Tenancy(followed=True, known=False, message="no socket"),
        None,
        "caps of pods wait: no socket",
    ),
    "nobody asks": (
        [cap("a", 300)],
        NOT_FOLLOWED,
        None,
        "caps of pods wait: who holds this GPU is not known",
    ),
}


@pytest.mark.parametrize(("limits", "tenancy", "watts", "note"), CASES.values(), ids=CASES)
def test_a_board_is_capped_by_the_pods_on_it(limits, tenancy, watts, note):
    found = with_pod_caps(SetPoints(), limits, tenancy, BOARDS)
    assert found.of("GPU-0").watts == watts
    assert found.notes.get("GPU-0", "") == note
    assert ("GPU-0" in found.by_device) is (watts is not None)


@pytest.mark.parametrize(("board_watts", "watts"), [(250, 250), (350, 300)], ids=["board's", "pod's"])
def test_the_lower_of_two_caps_holds_and_a_clock_stays(board_watts, watts):
    points = SetPoints(by_device={"GPU-0": SetPoint(board_watts, 1200)})
    found = with_pod_caps(points, [cap("a", 300)], held("a"), BOARDS)
    assert found.of("GPU-0") == SetPoint(watts, 1200)


def test_a_board_that_is_not_there_is_named_as_any_other():
    found = with_pod_caps(SetPoints(), [cap("a", 300, gpu="GPU-9")], held("a"), BOARDS)
    assert found.unknown_gpus == {"GPU-9": SetPoint(watts=300)}


def test_two_containers_of_a_pod_count_once():
    both = Tenancy(
        followed=True, known=True, holders={"GPU-0": (Holder("llm", "a", "c1"), Holder("llm", "a", "c2"))}
    )
    assert with_pod_caps(SetPoints(), [cap("a", 300)], both, BOARDS).of("GPU-0").watts == 300
