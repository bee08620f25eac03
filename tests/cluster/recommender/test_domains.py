"""Domains are observed, and their caps are divided into plans."""

import json

import pytest

from tests.cluster.recommender.room import domain_body

pytestmark = pytest.mark.usefixtures("recommender")


def test_a_domain_is_observed_and_planned_for(room, apply, status_of):
    apply(domain_body("rec-cluster", capWatts=1900))
    selector = {"matchLabels": {"rack": "rec-rack"}}
    apply(domain_body("rec-rack", parent="rec-cluster", nodeSelector=selector, capWatts=1800))
    status = status_of(
        "pd", "rec-rack", "", lambda s: s.get("observed", {}).get("powerWatts", 0) > 1000, "an observed draw"
    )
    assert status["observed"]["nodes"] == 2
    assert status["observed"]["headroomWatts"] == 1800 - status["observed"]["powerWatts"]
    plan = status_of("powerplans", "rec-rack", "", lambda s: len(s.get("entries", [])) == 2, "a plan")
    shares = {entry["name"]: entry["watts"] for entry in plan["entries"]}
    assert set(shares) == {"rec-a", "rec-b"}
    assert sum(shares.values()) <= 1800
    assert min(shares.values()) >= 600
    assert all("floor 600 W" in entry["reason"] for entry in plan["entries"])
    above = status_of("powerplans", "rec-cluster", "", lambda s: s.get("entries"), "a plan")
    assert above["entries"][0]["kind"] == "PowerDomain"


def test_a_cut_is_planned_for_at_once(room, apply, status_of, cluster):
    selector = {"matchLabels": {"rack": "rec-rack"}}
    apply(domain_body("rec-cut", nodeSelector=selector, capWatts=2200))
    status_of("powerplans", "rec-cut", "", lambda s: s.get("capWatts") == 2200, "a plan")
    patch = json.dumps({"spec": {"capWatts": 1400}})
    cluster.kubectl("patch", "powerdomain", "rec-cut", "--type=merge", "-p", patch)
    plan = status_of("powerplans", "rec-cut", "", lambda s: s.get("capWatts") == 1400, "a plan for the cut")
    assert sum(entry["watts"] for entry in plan["entries"]) <= 1400


def test_a_domain_with_a_missing_parent_says_so_beside_a_good_one(apply, status_of):
    apply(domain_body("rec-orphan", parent="nowhere", capWatts=1000))
    apply(domain_body("rec-good", capWatts=1000))
    orphan = status_of("pd", "rec-orphan", "", lambda s: s.get("conditions"), "a condition")
    assert "spec.parent names nowhere" in json.dumps(orphan["conditions"])
    good = status_of("pd", "rec-good", "", lambda s: s.get("observed"), "observed")
    assert "no node is in this domain" in json.dumps(good["conditions"])
