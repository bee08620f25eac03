"""Which PowerDomains are refused, and which are only warned of."""

import pytest

from tests.unit.validation.objects_for_tests import NIGHTLY, NOWHERE, World, domain, review

TREE = [domain("cluster", minimum_cap_watts=4000), domain("row", "cluster"), domain("rack", "row")]


def ask(new, old=None, domains=TREE, nodes=None):
    return World(domains=domains, nodes=nodes).ask(review(new, old))


REFUSED = {
    "a cycle of two": (domain("cluster", "row"), "spec.parent leads back to this domain"),
    "a cycle of three": (domain("cluster", "rack"), "cluster → rack → row → cluster"),
    "a time zone that is none": (domain("x", cap_schedules=[NIGHTLY, NOWHERE]), r"spec.capSchedules\[1\]"),
}


@pytest.mark.parametrize(("new", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(new, why):
    answer = ask(new)
    assert not answer["allowed"]
    assert answer["status"]["code"] == 422
    assert why.replace("\\", "") in answer["status"]["message"]


WARNED = {
    "a parent that is not there (yet)": (domain("rack-2", "row-2"), "names row-2, which does not exist"),
    "no cap anywhere": (domain("alone", cap=None), "without a cap nothing is enforced"),
    "children over the lowest cap of the parent": (
        domain("row", "cluster", minimum_cap_watts=4001),
        "may only be cut to more than the 4000 W that cluster may be cut to",
    ),
    "a parent under its children": (
        domain("row", "cluster", cap=9000, minimum_cap_watts=100),
        "the children may only be cut to 3000 W together",
    ),
    "bases over the cap": (domain("row", "cluster", cap=500, bases=600), "bases of 600 W together"),
}


@pytest.mark.parametrize(("new", "what"), WARNED.values(), ids=WARNED.keys())
def test_warned_of(new, what):
    domains = [*TREE[:2], domain("rack", "row", minimum_cap_watts=3000)]
    answer = ask(new, domains=domains)
    assert answer["allowed"]
    assert any(what in text for text in answer["warnings"]), answer


def test_node_with_two_places_is_warned_of():
    nodes = {"n1": {"row": "a", "hall": "1"}, "n2": {"hall": "1"}}
    domains = [domain("hall", labels={"hall": "1"})]
    answer = ask(domain("row-a", labels={"row": "a"}), domains=domains, nodes=nodes)
    assert answer["allowed"]
    assert "also takes node n1, which hall takes" in answer["warnings"][0]


def test_node_below_is_no_second_place():
    nodes = {"n1": {"row": "a", "hall": "1"}}
    answer = ask(
        domain("row-a", "hall", labels={"row": "a"}),
        domains=[domain("hall", labels={"hall": "1"})],
        nodes=nodes,
    )
    assert "warnings" not in answer


def test_sound_domain_passes_without_a_word():
    assert ask(domain("rack-2", "row", cap_schedules=[NIGHTLY])) == {"uid": "u-1", "allowed": True}


def test_cut_is_never_refused_whatever_was_wrong_before():
    old = domain("cluster", "row", cap=9000, cap_schedules=[NOWHERE])
    cut = domain("cluster", "row", cap=100, brake_percent=90, cap_schedules=[NOWHERE])
    answer = ask(cut, old)
    assert answer["allowed"]
    assert any("leads back" in text for text in answer["warnings"])
    assert any("capSchedules[0]" in text for text in answer["warnings"])


def test_new_mistake_is_refused_beside_an_old_one():
    old = domain("cluster", cap_schedules=[NOWHERE])
    answer = ask(domain("cluster", "row", cap_schedules=[NOWHERE]), old)
    assert "leads back" in answer["status"]["message"]
    assert "capSchedules" not in answer["status"]["message"]
