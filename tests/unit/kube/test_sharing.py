"""Equal parts of objects are held once, and nothing else changes."""

import msgspec

from common.api.core import Pod
from common.kube.sharing import TRIAL, Sharing


def _pod(index: int, image: str) -> Pod:
    body = {
        "metadata": {"name": f"p{index}", "labels": {"app": image}, "annotations": {"unique": str(index)}},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }
    return msgspec.json.decode(msgspec.json.encode(body), type=Pod)


def test_pods_of_one_template_share_their_containers_and_stay_equal() -> None:
    sharing = Sharing(Pod)
    first, second, other = (sharing.share(_pod(index, image)) for index, image in enumerate("aab"))
    assert first.spec.containers is second.spec.containers
    assert first.metadata.labels is second.metadata.labels
    assert other.spec.containers is not first.spec.containers
    assert (second, other) == (_pod(1, "a"), _pod(2, "b"))


def test_a_field_that_never_repeats_is_no_longer_looked_at() -> None:
    sharing = Sharing(Pod)
    for index in range(TRIAL + 1):
        sharing.share(_pod(index, "a"))
    kept = {pool.name for pool in sharing._pools}
    assert "annotations" not in kept
    assert {"labels", "containers"} <= kept
