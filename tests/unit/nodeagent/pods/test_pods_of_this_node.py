"""What the API server adds to the kubelet's answers: priority, uid, annotations, and that a pod has ended."""

from common.api.meta import ObjectMeta
from nodeagent.pods.desk import PodDesk
from nodeagent.pods.follower import Holdings
from nodeagent.pods.local_pods import LocalPod, LocalPods, LocalPodSpec, LocalPodStatus, facts_of
from nodeagent.pods.tenancy import Holder, PodFacts

DYNAMO = "dynamo.nvidia.com/gpu-power-limit"


def pod(name="chat-0", uid="u1", priority=0, phase="Running", **annotations):
    return LocalPod(
        metadata=ObjectMeta(name=name, namespace="llm", uid=uid, annotations=annotations),
        spec=LocalPodSpec(priority=priority),
        status=LocalPodStatus(phase=phase),
    )


class Kubelet:
    def __init__(self):
        self.holdings = Holdings(known=True, holders={"GPU-0": (Holder("llm", "chat-0", "server"),)})
        self.hurried = 0

    def hurry(self):
        self.hurried += 1


def desk():
    seen = []
    made, kubelet = PodDesk(seen.append), Kubelet()
    pods = LocalPods(None, "node-1", made.pods_changed)
    made.open(kubelet, pods)
    made.holdings_changed(kubelet.holdings)
    return made, pods, kubelet, seen


def test_facts_of_a_pod():
    assert facts_of(pod(priority=7)) == PodFacts("u1", 7)
    assert facts_of(pod(**{DYNAMO: "400"})).other_agent == DYNAMO
    assert facts_of(pod(phase="Failed")).ended


def test_facts_join_the_holders_and_go_with_them():
    made, pods, kubelet, seen = desk()
    assert made.tenancy.facts == {}
    pods.pod_changed(None, pod(priority=7))
    assert made.tenancy.facts == {"llm/chat-0": PodFacts("u1", 7)}
    assert kubelet.hurried == 1
    pods.pod_changed(pod(priority=7), None)
    assert made.tenancy.facts == {}
    assert len(seen) == 3


def test_pods_without_a_gpu_and_changes_without_a_meaning_disturb_nobody():
    _, pods, kubelet, seen = desk()
    pods.pod_changed(None, pod(name="web", uid="u2"))
    pods.pod_changed(None, pod())
    before = len(seen), kubelet.hurried
    pods.pod_changed(pod(), pod(**{"somebody/else": "x"}))
    assert (len(seen), kubelet.hurried) == before


def test_a_pod_that_has_ended_holds_nothing_although_an_old_kubelet_lists_it():
    made, pods, _, _ = desk()
    pods.pod_changed(None, pod())
    assert made.tenancy.holders
    pods.pod_changed(pod(), pod(phase="Succeeded"))
    assert not made.tenancy.holders
