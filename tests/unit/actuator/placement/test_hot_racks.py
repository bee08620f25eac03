"""Hot racks: tainted when too warm or without headroom, untainted only well under, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from actuator.placement.hot import (
    HotDomains,
    HotSettings,
    hot_patch,
    reasons_of_nodes,
    tainted_domains,
)
from common.api.core import NodeSpec, Taint
from common.api.domain import PowerDomain
from common.api.meta import rfc3339
from common.domains.tree import build_tree

from .builders import domain, node

BEGAN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
LIMIT = {"max_inlet_temperature": 30}
OVER = domain("r", inlet=31, **LIMIT)
AT_LIMIT = domain("r", inlet=30, **LIMIT)
COOL = domain("r", inlet=28, **LIMIT)
FULL = domain("r", headroom=0)
TIGHT = domain("r", headroom=20)
ROOMY = domain("r", headroom=100)

STORIES = {
    "too warm": ([(0, OVER)], "inlet"),
    "at its limit is not over it": ([(0, AT_LIMIT)], ""),
    "stays until it is well under": ([(0, OVER), (60, AT_LIMIT), (600, AT_LIMIT)], "inlet"),
    "stays while it has not been cool for long": ([(0, OVER), (60, COOL), (179, COOL)], "inlet"),
    "goes when it has": ([(0, OVER), (60, COOL), (180, COOL)], ""),
    "begins anew after a warm moment": ([(0, OVER), (60, COOL), (120, AT_LIMIT), (200, COOL)], "inlet"),
    "no headroom": ([(0, FULL)], "headroom"),
    "a little headroom is not enough": ([(0, FULL), (60, TIGHT), (600, TIGHT)], "headroom"),
    "enough headroom": ([(0, FULL), (60, ROOMY), (180, ROOMY)], ""),
    "not enforced": ([(0, domain("r", mode="Off", inlet=35, **LIMIT))], ""),
}


@pytest.mark.parametrize(("story", "expected"), STORIES.values(), ids=STORIES)
def test_a_story(story: list[tuple[int, PowerDomain]], expected: str) -> None:
    hot, found = HotDomains(HotSettings()), {}
    for seconds, seen in story:
        now = BEGAN + timedelta(seconds=seconds)
        found = hot.look({"r": _seen_at(seen, now)}, {}, now)
    assert found.get("r", "") == expected


def test_nothing_changes_on_old_observations() -> None:
    later = BEGAN + timedelta(hours=1)
    assert HotDomains(HotSettings()).look({"r": OVER}, {}, later) == {}
    assert HotDomains(HotSettings()).look({"r": COOL}, {"r": "inlet"}, later) == {"r": "inlet"}


def test_a_new_leader_goes_on_from_the_taints() -> None:
    taint = Taint(key="climatik.io/hot", value="inlet", effect="PreferNoSchedule")
    nodes = {"r": node("r", taints=(taint,)), "s": node("s")}
    tree = build_tree([COOL, domain("s")], {name: one.metadata.labels for name, one in nodes.items()})
    assert tainted_domains(tree, nodes) == {"r": "inlet"}
    assert HotDomains(HotSettings()).look({"r": COOL}, {"r": "inlet"}, BEGAN) == {"r": "inlet"}
    assert reasons_of_nodes(tree, {"r": "inlet"}, nodes) == {"r": "inlet", "s": ""}


OTHER = Taint(key="x", effect="NoSchedule")
OURS = Taint(key="climatik.io/hot", value="inlet", effect="PreferNoSchedule")
PATCHES = {
    "set on a bare node": ((), "inlet", ("add", "/spec/taints")),
    "added to others": ((OTHER,), "inlet", ("add", "/spec/taints/-")),
    "another reason": ((OTHER, OURS), "headroom", ("replace", "/spec/taints/1")),
    "removed": ((OTHER, OURS), "", ("remove", "/spec/taints/1")),
    "right as it is": ((OURS,), "inlet", None),
    "none, and none wanted": ((OTHER,), "", None),
}


@pytest.mark.parametrize(("taints", "reason", "expected"), PATCHES.values(), ids=PATCHES)
def test_the_patch(taints: tuple[Taint, ...], reason: str, expected: tuple[str, str] | None) -> None:
    patch = hot_patch(replace(node("n"), spec=NodeSpec(taints=list(taints))), reason)
    assert (patch is None) == (expected is None)
    if patch is not None and expected is not None:
        assert patch[0]["op"] == "test"
        assert (patch[1]["op"], patch[1]["path"]) == expected
        assert "NoExecute" not in str(patch)


def _seen_at(domain_: PowerDomain, now: datetime) -> PowerDomain:
    assert domain_.status.observed is not None
    observed = replace(domain_.status.observed, last_updated=rfc3339(now))
    return replace(domain_, status=replace(domain_.status, observed=observed))
