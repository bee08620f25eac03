"""Without telemetry the recommender says so, and advises from nameplates."""

import socket
import time

from deploy.local.processes import wait_until
from tests.cluster.recommender.room import policy_body


def condition(status, type_):
    return next((one for one in status.get("conditions", []) if one["type"] == type_), {})


def test_without_prometheus_advice_comes_from_nameplates(launch, room, apply, status_of):
    process, _, _ = launch()
    apply(policy_body(room.namespace, "bare", powerCapLimit=800))
    status = status_of("pcp", "bare", room.namespace, lambda s: condition(s, "TelemetryStale"), "conditions")
    process.stop()
    message = condition(status, "TelemetryStale")["message"]
    assert "none of 2 pages can be read: rec-a (Cannot connect to host" in message
    assert "or set --prometheus-url" in message
    assert condition(status, "Ready")["reason"] == "NameplateOnly"
    assert condition(status, "WithinCap")["status"] == "Unknown"
    (container,) = status["recommendation"]["containers"]
    assert container["uncappedTarget"] == 300


def test_a_dry_run_prints_and_writes_nothing(launch, room, prometheus, apply, cluster):
    apply(policy_body(room.namespace, "dry", powerCapLimit=800))
    process, log, _ = launch("--prometheus-url", prometheus.url, "--once", "--dry-run")
    wait_until(lambda: "finished" in log.read_text(), "one round", timeout_seconds=30)
    process.stop()
    assert '"effectiveCapWatts": 800' in log.read_text()
    written = cluster.kubectl("get", "pcp", "dry", "-n", room.namespace, "-o", "jsonpath={.status}")
    assert "effectiveCapWatts" not in written


def test_a_hanging_prometheus_delays_no_status(launch, room, apply, status_of):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process, log, _ = launch("--prometheus-url", url, "--prometheus-deadline-seconds", "60")
        # Its first status of anything shows that it runs.
        apply(policy_body(room.namespace, "before", powerCapLimit=800))
        status_of("pcp", "before", room.namespace, lambda s: s.get("conditions"), "conditions")
        began = time.monotonic()
        apply(policy_body(room.namespace, "hanging", powerCapLimit=800))
        status_of("pcp", "hanging", room.namespace, lambda s: s.get("effectiveCapWatts") == 800, "a status")
        took = time.monotonic() - began
        process.stop()
    assert took < 3, log.read_text()
