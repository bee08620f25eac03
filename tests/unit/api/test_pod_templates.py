"""Pod templates decode as API servers before Kubernetes 1.34 send them: with a null creation time."""

import msgspec
import pytest

from common.api.batch import Job
from recommender.planner.deployments import Deployment

TEMPLATE = {"metadata": {"creationTimestamp": None, "labels": {"app": "chat"}}, "spec": {"containers": None}}


@pytest.mark.parametrize("kind", [Job, Deployment])
def test_a_template_without_a_creation_time_keeps_its_labels(kind: type[Job | Deployment]) -> None:
    body = {"metadata": {"name": "chat"}, "spec": {"template": TEMPLATE}}
    item = msgspec.json.decode(msgspec.json.encode(body), type=kind)
    assert item.spec.template.metadata.labels == {"app": "chat"}
