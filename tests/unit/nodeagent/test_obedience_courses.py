"""Which budget holds in each situation of contract §4, rules 3, 6, 7 and 8."""

import pytest

from nodeagent.obedience.machine import Obedience
from nodeagent.obedience.memory import Memory
from nodeagent.obedience.verdict import Course
from tests.unit.nodeagent.grants import at, budget, domain, domains, frequencies

ROW = domains(domain())


def agent(memory=None, ramp=30.0):
    return Obedience(memory, ramp_seconds=ramp)


def fresh(*seen):
    found = agent()
    for number, item in enumerate(seen):
        found.see(item, consistent=number == 0)
    return found


def decided(found, known=ROW, now=None, boot="b1"):
    return found.decide(known, now or at(), boot)


def test_an_agent_that_never_saw_a_budget_touches_nothing():
    verdict = decided(fresh(frequencies()))
    assert (verdict.course, verdict.budget_watts, verdict.claim) == (Course.UNTOUCHED, None, None)


def test_nothing_happens_before_the_first_consistent_read():
    found = agent()
    assert found.see(frequencies(budget()), consistent=False)
    verdict = decided(found)
    assert (verdict.course, verdict.may_raise, verdict.claim) == (Course.HOLD, False, None)


def test_a_grant_is_obeyed_and_may_be_confirmed():
    verdict = decided(fresh(frequencies(budget(7))))
    assert (verdict.course, verdict.budget_watts) == (Course.OBEY, 4000)
    assert (verdict.claim.uid, verdict.claim.sequence) == ("u1", 7)
    assert verdict.lease_left_seconds == pytest.approx(600)


CUTS = {
    "cap cut in spec": (domains(domain(cap=7000)), 3000),
    "brake": (domains(domain(brake=30)), 3000),
    "cut below the bases": (domains(domain(cap=1000)), 2000),
    "the tightest domain of the chain counts": (
        domains(domain(parent="all"), domain("all", granted=40_000, base=10_000, cap=25_000)),
        3000,
    ),
    "a domain that only advises cuts nothing": (
        domains(domain(parent="all"), domain("all", cap=100, mode="Off")),
        4000,
    ),
}


@pytest.mark.parametrize(("known", "watts"), CUTS.values(), ids=CUTS)
def test_a_cut_scales_at_once(known, watts):
    verdict = decided(fresh(frequencies(budget())), known)
    assert (verdict.course, verdict.budget_watts) == (Course.OBEY, watts)


def test_the_message_says_what_was_cut_and_by_how_much():
    message = decided(fresh(frequencies(budget())), domains(domain(cap=7000))).message
    for part in ("4,000 W granted", "3,000 W", "50 %", "row-1", "7,000 W"):
        assert part in message


BASES = {
    "domain missing": (domains(), "DomainUnknown"),
    "way up broken": (domains(domain(parent="gone")), "DomainUnknown"),
    "chain in a circle": (domains(domain(parent="a"), domain("a", parent="row-1")), "DomainUnknown"),
    "heartbeat older than the lease": (domains(domain(age=601)), "LeaseOver"),
    "a heartbeat higher up is older than the lease": (
        domains(domain(parent="all"), domain("all", age=700)),
        "LeaseOver",
    ),
    "all domains only advise, and the own one is silent": (domains(domain(age=700, mode="Off")), "LeaseOver"),
}


@pytest.mark.parametrize(("known", "reason"), BASES.values(), ids=BASES)
def test_a_grant_that_nobody_vouches_for_means_base(known, reason):
    verdict = decided(fresh(frequencies(budget())), known)
    assert (verdict.course, verdict.budget_watts, verdict.reason) == (Course.BASE, 2000, reason)


def test_a_lost_lease_comes_back_in_a_ramp():
    found = fresh(frequencies(budget()))
    assert decided(found, now=at(601)).budget_watts == 2000
    renewed = domains(domain(age=-602))
    levels = [decided(found, renewed, at(602 + seconds)).budget_watts for seconds in (0, 14, 28, 31)]
    assert levels[0] < levels[1] < levels[2] < levels[3] == 4000
    assert levels[1] - levels[0] == pytest.approx(2000 * 14 / 30, abs=2)


def test_a_lower_sequence_on_a_watch_is_not_believed_unread():
    found = fresh(frequencies(budget(5, 3000)))
    assert found.see(frequencies(budget(4, 4000)), consistent=False)
    assert decided(found).budget_watts == 3000


def test_a_lower_sequence_on_a_consistent_read_means_base_until_a_newer_one():
    found = fresh(frequencies(budget(5, 3000)))
    found.see(frequencies(budget(4, 4000)), consistent=True)
    assert (decided(found).course, decided(found).budget_watts) == (Course.BASE, 2000)
    found.see(frequencies(budget(5, 3500)), consistent=False)
    assert decided(found, now=at(60)).budget_watts == 3500


def test_another_uid_is_read_again_and_then_means_base():
    found = fresh(frequencies(budget(5)))
    assert found.see(frequencies(budget(1, 4000), uid="u2"), consistent=False)
    assert decided(found).budget_watts == 4000
    found.see(frequencies(budget(1, 4000), uid="u2"), consistent=True)
    assert (decided(found).budget_watts, decided(found).claim.uid) == (2000, "u2")


def test_an_object_that_is_gone_without_release_means_base_and_confirms_nothing():
    found = fresh(frequencies(budget(5)))
    assert found.see(None, consistent=False)
    found.see(None, consistent=True)
    assert (decided(found).budget_watts, decided(found).claim) == (2000, None)


def test_release_lets_go_and_a_new_object_after_it_is_a_first_one():
    found = fresh(frequencies(budget(6, release=True)))
    assert decided(found).course is Course.RELEASE
    found.released()
    found.see(None, consistent=True)
    assert decided(found).course is Course.UNTOUCHED
    found.see(frequencies(budget(1, 3000), uid="u2"), consistent=True)
    assert decided(found).budget_watts == 3000


RESTARTS = {
    "same boot, within the lease": ("b1", 10.0, Course.HOLD, 4000),
    "rebooted since": ("b2", 10.0, Course.BASE, 2000),
    "lease over meanwhile": ("b1", 700.0, Course.BASE, 2000),
}


@pytest.mark.parametrize(("boot", "age", "course", "watts"), RESTARTS.values(), ids=RESTARTS)
def test_a_restart_without_the_cluster_holds_what_is_set(boot, age, course, watts):
    known = Memory(uid="u1", budget=budget(5), boot_id="b1", heartbeat_time="2026-01-01T00:00:00Z")
    verdict = agent(known).decide(None, at(age), boot)
    assert (verdict.course, verdict.budget_watts, verdict.claim) == (course, watts, None)
    assert course is Course.BASE or not verdict.may_raise


def test_a_node_that_moved_counts_in_its_old_domain_until_the_next_grant():
    found = fresh(frequencies(budget(5)))
    tight = domain("old", cap=7000)
    assert decided(found, domains(domain(parent="old"), tight)).budget_watts == 3000
    moved = domains(domain(parent="new"), tight, domain("new"))
    assert decided(found, moved).budget_watts == 3000
    found.see(frequencies(budget(6)), consistent=False)
    assert decided(found, moved).budget_watts == 4000


def test_an_invalid_edit_keeps_the_last_valid_chain():
    found = fresh(frequencies(budget(5)))
    everything = domain("all", cap=7000)
    assert decided(found, domains(domain(parent="all"), everything)).budget_watts == 3000
    assert decided(found, domains(domain(parent="al"), everything)).budget_watts == 3000
    assert decided(found, domains(domain(parent="al"))).course is Course.BASE
