"""``climatik explain`` picks what concerns an object, and says it."""

from __future__ import annotations

import pytest

from climatik.explain.story import tell, to_plain, to_text
from common.api.decisions import Decision, Record, Standing

EVICTED = Decision(
    key="EVICT/u1", at="2026-01-01T12:00:00Z", subject="policy/llm/cap", rung="EVICT", verdict="Taken",
    reason="Evicted", message="over its cap", policy="llm/cap", target="Pod/llm/web-1", node="n1",
    draw_watts=900, cap_watts=700, expected_watts=300, achieved_watts=280, alternatives=["web-2 (250 W)"],
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
    for part in ("expected 300 W, achieved 280 W", "web-2 (250 W)", "up to eviction", "draws 900 W of 700 W"):
        assert part in text


def test_a_refusal_names_how_often() -> None:
    assert "refused: WarmingUp (3 times, last 2026-01-01T12:02:00Z)" in to_text(
        tell(RECORD, "node", "n2", [])
    )


def test_nothing_on_record_is_said() -> None:
    assert "no decision about it is on record" in to_text(tell(Record(), "node", "n9", []))


def test_scripts_get_plain_types() -> None:
    plain = to_plain(tell(RECORD, "pod", "llm/web-1", ["Running"]))
    assert plain["decisions"][0]["achievedWatts"] == 280
    assert plain["facts"] == ["Running"]
