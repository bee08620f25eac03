"""A client generated from the original proto gets real counts from a live control plane."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from deploy.local.processes import wait_until
from tests.cluster.planner.serving import make

BUSY = (600.0, 60.0, 500.0)
CALM = (60.0, 2.0, 180.0)


def test_counts_differ_by_load_follow_the_cap_and_name_what_is_wrong(
    cluster, namespace, serving, prometheus, planner, ask
):
    pods = make(cluster, namespace, {"busy": 2, "calm": 3})
    measured = dict.fromkeys(pods["busy"], BUSY) | dict.fromkeys(pods["calm"], CALM)

    unmeasured = settled(lambda: ask(planner, 0, namespace, "busy", "calm"), {"busy": 2, "calm": 3})
    assert unmeasured == {"busy": 2, "calm": 3}

    serving.pods = measured
    free = settled(lambda: ask(planner, 0, namespace, "busy", "calm"), {"busy": 3, "calm": 1}, more=True)
    assert free["busy"] > 2
    assert free["calm"] < 3

    capped = ask(planner, 900, namespace, "busy", "calm")
    assert 1 <= capped["busy"] < free["busy"]

    assert ask(planner, 20, namespace, "busy", "calm")["code"] == "FAILED_PRECONDITION"
    assert ask(planner, -1, namespace, "busy")["code"] == "INVALID_ARGUMENT"
    assert ask(planner, 0, namespace, "nobody")["code"] == "NOT_FOUND"
    assert set(ask(planner, 0, namespace, "busy", "nobody")) == {"busy"}

    shown = plan_command(cluster, prometheus, namespace, "--cap", "900")
    assert "cap 900 W" in shown
    assert "tokens/s at" in shown
    changes = ("--what-if", "cap=2000", "--what-if", f"{namespace}/calm.replicas=2")
    told = json.loads(plan_command(cluster, prometheus, namespace, "--cap", "900", "--json", *changes))
    assert told["before"]["planned_watts"] <= 900 < told["after"]["cap_watts"]
    assert {row["deployment"]: row["replicas"] for row in told["after"]["rows"]}["calm"] == 2


def plan_command(cluster, prometheus, namespace, *flags):
    """The same plan from the command line."""
    command = [sys.executable, "-m", "climatik", "plan", "--kubeconfig", str(cluster.kubeconfig)]
    command += ["--prometheus-url", prometheus.url, "--namespace", namespace, *flags]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    return subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout


def settled(read, wanted, *, more=False):
    """Waits until counts are as wanted, or (with ``more``) until the first is as high and the last as low."""
    seen = {}

    def satisfied():
        seen.clear()
        seen.update(read())
        time.sleep(0.5)
        if not more or "code" in seen:
            return seen == wanted
        return seen["busy"] >= wanted["busy"] and seen["calm"] <= wanted["calm"]

    try:
        wait_until(satisfied, "counts", timeout_seconds=60)
    except TimeoutError:
        raise AssertionError(f"wanted {wanted}, the last answer was {seen}") from None
    return seen
