"""A new pod of a moving pod's owner is led to the place that is kept; others, and later ones, are not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jsonpatch
import pytest

from admission.steer import steer
from common.api.places import Place

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
PLACE = Place(
    key="k", pod="web-1", node="n2", hostname="host-2", source="n1", owner="rs-1", workload="ns/D/web",
    since="2026-01-01T11:59:00Z", until="2026-01-01T12:01:00Z",
)  # fmt: skip
LATE = datetime(2026, 1, 1, 12, 1, tzinfo=UTC)


def pod(owner: str = "rs-1", **spec: Any) -> dict[str, Any]:
    references = [{"uid": "other"}, {"uid": owner, "controller": True}]
    return {"metadata": {"ownerReferences": references}, "spec": spec}


CASES = {
    "of the same owner": (pod(), NOON, {"kubernetes.io/hostname": "host-2"}),
    "beside its own demands": (
        pod(nodeSelector={"gpu": "h100"}),
        NOON,
        {"gpu": "h100", "kubernetes.io/hostname": "host-2"},
    ),
    "of another owner": (pod("rs-2"), NOON, None),
    "too late": (pod(), LATE, None),
    "with a host of its own": (
        pod(nodeSelector={"kubernetes.io/hostname": "x"}),
        NOON,
        {"kubernetes.io/hostname": "x"},
    ),
    "bound already": (pod(nodeName="x"), NOON, None),
    "bare": ({"metadata": {}, "spec": {}}, NOON, None),
}


@pytest.mark.parametrize(("body", "now", "expected"), CASES.values(), ids=CASES)
def test_a_pod(body: dict[str, Any], now: datetime, expected: dict[str, str] | None) -> None:
    after = jsonpatch.apply_patch(body, steer(body, [PLACE], now))
    assert after["spec"].get("nodeSelector") == expected
    assert steer(after, [PLACE], now) == []
