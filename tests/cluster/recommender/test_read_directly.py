"""Without a Prometheus the recommender reads agents and exporters itself, and says so."""

import json

import pytest

from tests.cluster.recommender.exposition import Exposition
from tests.cluster.recommender.room import domain_body, policy_body

ADDRESS = "climatik.io/metrics-address"


def condition(status, type_):
    return next((one for one in status.get("conditions", []) if one["type"] == type_), {})


@pytest.fixture(scope="module")
def pages(room):
    """One page per agent, named on its node, and one of the exporter."""
    served = {name: Exposition() for name in (*room.nodes, "exporter")}
    lines = room.exposition().splitlines(keepends=True)
    for name in room.nodes:
        served[name].text = "".join(line for line in lines if f'node="{name}"' in line)
        room.kubectl("annotate", "node", name, f"{ADDRESS}={served[name].address}")
    served["exporter"].text = "".join(line for line in lines if line.startswith("DCGM"))
    yield served
    for name in room.nodes:
        room.kubectl("annotate", "node", name, f"{ADDRESS}-")
    for page in served.values():
        page.close()


@pytest.fixture(scope="module")
def reader(launch, pages):
    return launch("--dcgm-exporter-urls", f"http://{pages['exporter'].address}/metrics")


@pytest.mark.usefixtures("reader")
def test_status_shows_measured_watts_and_says_how_they_were_read(room, apply, status_of):
    apply(policy_body(room.namespace, "direct", powerCapLimit=800))
    status = status_of(
        "pcp", "direct", room.namespace,
        lambda s: s.get("currentPower", {}).get("measuredPods") == 3, "three pods",
    )  # fmt: skip
    assert 850 <= status["currentPower"]["watts"] <= 950
    assert status["recommendation"]["nodes"]
    source = condition(status, "TelemetrySource")
    assert source["reason"] == "ReadDirectly"
    assert "read directly from 2 agents and 1 exporter; no Prometheus is configured" in source["message"]
    assert "set --prometheus-url" in source["message"]
    assert condition(status, "TelemetryStale")["status"] == "False"


@pytest.mark.usefixtures("reader")
def test_a_domain_shows_whose_its_watts_are(apply, status_of):
    apply(domain_body("direct", nodeSelector={"matchLabels": {"pool": "rec"}}, capWatts=5000))
    status = status_of(
        "pd", "direct", "", lambda s: s.get("observed", {}).get("powerWatts") == 1800, "1,800 W on two nodes"
    )
    parts = status["observed"]["attribution"]
    assert parts["podsWatts"] + parts["idleWatts"] + parts["unattributedWatts"] == 1800
    assert parts["idleWatts"] == 250
    assert "not attributable" in condition(status, "Observed")["message"]
    assert condition(status, "TelemetrySource")["reason"] == "ReadDirectly"


@pytest.mark.usefixtures("reader")
def test_an_agent_that_speaks_of_another_node_is_not_believed(pages, room, apply, status_of):
    lies = pages["rec-b"].text
    pages["rec-b"].text = lies + lies.replace('node="rec-b"', 'node="rec-a"').replace("900", "90000")
    apply(domain_body("honest", nodeSelector={"matchLabels": {"pool": "rec"}}, capWatts=5000))
    status = status_of("pd", "honest", "", lambda s: s.get("observed", {}).get("powerWatts"), "a draw")
    pages["rec-b"].text = lies
    assert status["observed"]["powerWatts"] == 1800
    assert json.dumps(status)


def test_a_silent_agent_is_named_with_its_age_and_the_remedy(launch, pages, room, apply, status_of):
    """Its own recommender, so that the others' are not disturbed by the silence."""
    gone = pages["rec-b"].text
    apply(domain_body("silent", nodeSelector={"matchLabels": {"pool": "rec"}}, capWatts=5000))
    launch()
    status_of("pd", "silent", "", lambda s: s.get("observed", {}).get("powerWatts") == 1800, "both nodes")
    pages["rec-b"].text = ""
    try:
        status = status_of(
            "pd", "silent", "",
            lambda s: "rec-b (answers 503)" in condition(s, "TelemetrySource").get("message", ""),
            "the failing page",
        )  # fmt: skip
    finally:
        pages["rec-b"].text = gone
    assert "1 page cannot be read" in condition(status, "TelemetrySource")["message"]
