"""Never more disruptions in any window than allowed, whoever leads and whatever is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from actuator.gate.rate import CLUSTER, RateLimits, claimed, domain_claim, recent, workload_claim
from actuator.gate.settings import GateSettings
from common.api.decisions import Disruption
from common.api.meta import rfc3339_micro

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = GateSettings(
    window=timedelta(seconds=100), cluster_disruptions=5, domain_disruptions=3, workload_disruptions=2
)


def disruption(
    at: float, workload: str = "llm/Deployment/a", domains: tuple[str, ...] = ("row",), count: int = 1
) -> Disruption:
    moment = rfc3339_micro(NOW + timedelta(seconds=at))
    return Disruption(at=moment, workload=workload, domains=list(domains), count=count)


def left(marks: list[Disruption], claim: str, at: float = 0) -> int:
    return RateLimits(marks, NOW + timedelta(seconds=at), SETTINGS).left(claim)


def test_each_limit_counts_what_is_its_own() -> None:
    marks = [disruption(-1), disruption(-2, "llm/Deployment/b", ("row", "room"), 2)]
    assert left(marks, CLUSTER) == 2
    assert left(marks, domain_claim("row")) == 0
    assert left(marks, domain_claim("room")) == 1
    assert left(marks, workload_claim("llm/Deployment/a")) == 1
    assert left(marks, workload_claim("llm/Deployment/c")) == 2


def test_what_is_older_than_the_window_is_over() -> None:
    assert left([disruption(-99.9)], CLUSTER) == 4
    assert left([disruption(-100)], CLUSTER) == 5


def test_a_mark_without_a_time_counts() -> None:
    assert left([Disruption(at="?", workload="x")], CLUSTER) == 4


def test_a_clock_that_was_set_back_gives_nothing_away() -> None:
    assert left([disruption(50)], CLUSTER, at=0) == 4


def test_claims_tell_workload_and_domains() -> None:
    claims = [CLUSTER, domain_claim("row"), domain_claim("room"), workload_claim("a/b/c"), "pdb/a/x"]
    assert claimed(claims) == ("a/b/c", ["row", "room"])


@given(
    st.lists(
        st.tuples(st.floats(0, 60), st.sampled_from("abc"), st.sampled_from(["row", "rack"])), max_size=80
    )
)
def test_no_window_ever_holds_more_than_allowed(tries: list[tuple[float, str, str]]) -> None:
    """Each try is done where every limit allows it; the record forgets what it may forget each time."""
    marks: list[Disruption] = []
    done: list[tuple[float, str, str]] = []
    at = 0.0
    for step, workload, domain in tries:
        at += step
        now = NOW + timedelta(seconds=at)
        limits = RateLimits(marks, now, SETTINGS)
        claims = [CLUSTER, domain_claim(domain), workload_claim(workload)]
        marks = recent(marks, now, SETTINGS.window)
        if all(limits.left(claim) > 0 for claim in claims):
            marks.append(disruption(at, workload, (domain,)))
            done.append((at, workload, domain))
    for start, _, _ in done:
        inside = [one for one in done if start <= one[0] < start + 99.999]
        assert len(inside) <= 5
        assert all(sum(one[2] == domain for one in inside) <= 3 for domain in ("row", "rack"))
        assert all(sum(one[1] == workload for one in inside) <= 2 for workload in "abc")
