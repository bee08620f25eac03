"""Slim view of Jobs: how many pods they run at once, and who else decides on that."""

from __future__ import annotations

from common.api.core import PodTemplate
from common.api.meta import KubeObject, Struct
from common.api.resource import Resource


class JobSpec(Struct, frozen=True):
    """Pods at once (absent counts as 1), and whether somebody has suspended it."""

    parallelism: int | None = None
    suspend: bool = False
    template: PodTemplate = PodTemplate()


class JobStatus(Struct, frozen=True):
    """Whether it is done; ``active`` pods are pending or running."""

    active: int = 0
    completion_time: str = ""


class Job(KubeObject, frozen=True):
    """A batch/v1 Job."""

    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


JOBS = Resource(kind="Job", plural="jobs", type=Job, group="batch", namespaced=True)
LABEL_QUEUE = "kueue.x-k8s.io/queue-name"
"""On a Job that Kueue admits and suspends: its pods are Kueue's to count."""
