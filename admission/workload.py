"""Which workload a pod belongs to, told from its owner references before the pod exists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from admission.pods import Pod, controller_of, labels_of, metadata

_HASH_LABEL: Final = "pod-template-hash"
_CRON_SUFFIX: Final = re.compile(r"-\d{8,}$")


@dataclass(frozen=True)
class Workload:
    """The object a user would name: a Deployment rather than its ReplicaSet."""

    kind: str
    name: str

    def is_called(self, text: str) -> bool:
        """Whether a recommendation's ``workload`` means this one: ``name`` or ``Kind/name``."""
        kind, slash, name = text.rpartition("/")
        return name == self.name and (not slash or kind.lower() == self.kind.lower())


def workload_of(pod: Pod) -> Workload:
    """Returns the workload behind a pod.

    A ReplicaSet ``web-5d4f`` stands for the Deployment ``web``, a Job ``backup-28934512`` for the CronJob
    ``backup``; a pod that nobody controls is its own workload.
    """
    owner = controller_of(pod)
    kind, name = str(owner.get("kind", "")), str(owner.get("name", ""))
    if kind == "ReplicaSet":
        return Workload("Deployment", _without_hash(name, labels_of(pod).get(_HASH_LABEL, "")))
    if kind == "Job" and _CRON_SUFFIX.search(name):
        return Workload("CronJob", _CRON_SUFFIX.sub("", name))
    if name:
        return Workload(kind, name)
    own = metadata(pod)
    return Workload("Pod", str(own.get("name") or own.get("generateName") or "").removesuffix("-"))


def _without_hash(name: str, template_hash: str) -> str:
    if template_hash:
        return name.removesuffix(f"-{template_hash}")
    return name.rpartition("-")[0] or name
