"""The workload behind a pod, told from its owner."""

import pytest

from admission.workload import Workload, workload_of
from tests.unit.admission.pods_for_tests import pod


def owned(kind, name, **metadata):
    return pod(
        ownerReferences=[{"kind": "Other", "name": "x"}, {"kind": kind, "name": name, "controller": True}],
        **metadata,
    )


CASES = {
    "Deployment by its hash": (
        owned("ReplicaSet", "a-b-5d4f", labels={"pod-template-hash": "5d4f"}),
        Workload("Deployment", "a-b"),
    ),
    "Deployment without the label": (owned("ReplicaSet", "web-5d4f"), Workload("Deployment", "web")),
    "ReplicaSet without a dash": (owned("ReplicaSet", "web"), Workload("Deployment", "web")),
    "StatefulSet": (owned("StatefulSet", "db"), Workload("StatefulSet", "db")),
    "Job": (owned("Job", "train"), Workload("Job", "train")),
    "CronJob": (owned("Job", "train-29187345"), Workload("CronJob", "train")),
    "bare pod": (pod(name="alone"), Workload("Pod", "alone")),
    "generated name": (pod(name="", generateName="alone-"), Workload("Pod", "alone")),
    "malformed owners": (pod(name="p", ownerReferences="x"), Workload("Pod", "p")),
}


@pytest.mark.parametrize(("subject", "expected"), CASES.values(), ids=CASES.keys())
def test_workload(subject, expected):
    assert workload_of(subject) == expected
