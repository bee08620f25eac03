"""``climatik explain`` picks what concerns an object, and says it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from climatik.explain.story import tell, to_plain, to_text
from common.api.decisions import Decision, Record, Standing

EVICTED = Decision(
    key="EVICT/u1", at="2026-01-01T12:00:00Z", subject="policy/llm/cap", rung="EVICT", verdict="Taken",
    reason="Evicted", message="over its cap", policy="llm/cap", target="Pod/llm/web-1", node="n1",
    draw_watts=900, cap_watts=700, expected_watts=300, achieved_watts=280, alternatives=["web-2 (250 W)"],
)  # fmt: skip
CEILING = Decision(
    key="c", at="2026-01-01T12:00:00.5Z", subject="policy/llm/cap", rung="CEILING", verdict="Taken",
    reason="CeilingWritten", message="the cap leaves them 700 W", change="spec.maxReplicaCount from 6 to 4",
    policy="llm/cap", target="ScaledObject/llm/chat", draw_watts=690, cap_watts=700, expected_watts=200,
    disruptions=2,
)  # fmt: skip
REFUSED = Decision(
    key="r", at="2026-01-01T12:01:00Z", subject="node/n2", rung="EVICT", verdict="Refused",
    reason="WarmingUp", message="wait",
    count=3, last="2026-01-01T12:02:00Z",
)  # fmt: skip
RECORD = Record(
    standings={"policy/llm/cap": Standing(rung=3, since="2026-01-01T11:59:00Z")},
    decisions=[EVICTED, REFUSED],
)
WHO = {
    ("pod", "llm/web-1"): ["EVICT/u1"],
    ("pod", "llm/web-2"): [],
    ("policy", "llm/cap"): ["EVICT/u1"],
    ("policy", "other/cap"): [],
    ("node", "n1"): ["EVICT/u1"],
    ("node", "n2"): ["r"],
}


@pytest.mark.parametrize("who", WHO, ids=" ".join)
def test_what_concerns_it(who: tuple[str, str]) -> None:
    assert [one.key for one in tell(RECORD, *who, []).decisions] == WHO[who]


def test_the_text_names_expected_and_achieved_watts_and_what_else_there_was() -> None:
    text = to_text(tell(RECORD, "policy", "llm/cap", ["draws 900 W of 700 W"]))
    for part in (
        "2026-01-01 12:00:00 UTC  eviction: done (Evicted)",
        "Pod llm/web-1 on node n1",
        "policy llm/cap drew 900 W, over its cap of 700 W",
        "expected to free 300 W; achieved 280 W",
        "could have been web-2 (250 W)",
        "up to eviction since 2026-01-01 11:59:00 UTC",
        "draws 900 W of 700 W",
    ):
        assert part in text


def test_a_ceiling_is_told_with_what_was_written_and_how_many_pods_go() -> None:
    text = to_text(tell(Record(decisions=[CEILING]), "policy", "llm/cap", []))
    for part in (
        "replica ceiling: done (CeilingWritten)",
        "what      ScaledObject llm/chat",
        "change    spec.maxReplicaCount from 6 to 4",
        "within its cap of 700 W",
        "expected to free 200 W by stopping 2 pods; what came of it is not measured yet",
    ):
        assert part in text


def test_a_draw_that_rose_is_no_achievement() -> None:
    rose = replace(CEILING, achieved_watts=-50)
    assert "achieved nothing: the draw rose by 50 W" in to_text(
        tell(Record(decisions=[rose]), "policy", "llm/cap", [])
    )


def test_a_ceiling_that_was_given_back_promises_nothing() -> None:
    back = replace(CEILING, reason="OriginalRestored", expected_watts=0, disruptions=0)
    assert "effect" not in to_text(tell(Record(decisions=[back]), "policy", "llm/cap", []))


def test_a_refusal_names_how_often() -> None:
    text = to_text(tell(RECORD, "node", "n2", []))
    assert "eviction: not done (WarmingUp)" in text
    assert "3 times in all, last at 2026-01-01 12:02:00 UTC" in text


def test_nothing_on_record_is_said() -> None:
    assert "No decision about it is on record" in to_text(tell(Record(), "node", "n9", []))


def test_scripts_get_plain_types() -> None:
    plain = to_plain(tell(RECORD, "pod", "llm/web-1", ["Running"]))
    assert plain["decisions"][0]["achievedWatts"] == 280
    assert plain["facts"] == ["Running"]
