"""Equal parts of objects are held once, and nothing else changes."""

import msgspec

from common.api.core import PODS, Pod
from common.kube.reflector import Reflector, Scope
from common.kube.settings import WatchSettings
from common.kube.sharing import TRIAL, Sharing
from common.kube.store import Store
from common.kube.watch import Change


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


class _Clock:
    def monotonic(self) -> float:
        return 0.0


class _Client:
    clock = _Clock()


def _followed(settings: WatchSettings) -> Store[Pod]:
    """Two pods of one template, as a watch brings them."""
    store: Store[Pod] = Store({}, lambda _old, _new: None)
    reflector = Reflector(_Client(), PODS, Scope(), settings, store)
    for index in range(2):
        reflector._take(Change("ADDED", _pod(index, "a")))
    return store


def test_where_few_objects_change_all_the_time_nothing_is_held_beside_them() -> None:
    first, second = _followed(WatchSettings(share_parts=False)).items()
    assert first.spec.containers == second.spec.containers
    assert first.spec.containers is not second.spec.containers
    first, second = _followed(WatchSettings()).items()
    assert first.spec.containers is second.spec.containers
