"""What was learned outlives the process, kept in ConfigMaps under the recommender's own account."""

import json

from deploy.local.processes import wait_until
from tests.cluster.recommender.room import policy_body

NAME = "climatik-recommender-checkpoint-0"


def test_a_restart_without_prometheus_remembers_what_containers_need(
    launch, room, prometheus, apply, status_of, cluster
):
    process, _, _ = launch("--prometheus-url", prometheus.url, "--checkpoint-seconds", "10")
    apply(policy_body(room.namespace, "remembered", powerCapLimit=2000))

    def learned(status):
        containers = status.get("recommendation", {}).get("containers", [])
        return bool(containers) and containers[0].get("basis") == "Measured"

    before = status_of("pcp", "remembered", room.namespace, learned, "watts that were measured")
    assert before["recommendation"]["containers"][0]["modelKey"].startswith("example.com/vllm|")

    def kept():
        listed = cluster.kubectl("get", "configmaps", "-n", "climatik-project", "-o", "json")
        found = {one["metadata"]["name"]: one for one in json.loads(listed)["items"]}
        return NAME in found and len(found[NAME]["binaryData"]["entries"]) > 100

    wait_until(kept, "a checkpoint", timeout_seconds=40)
    process.stop()
    _, log, _ = launch()
    wait_until(lambda: "checkpoint read" in log.read_text(), "checkpoint read", timeout_seconds=30)
    assert "checkpoint read entries=0" not in log.read_text()
