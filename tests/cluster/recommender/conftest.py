"""A recommender with its own account, a real Prometheus, and a small room that it watches."""

import json
import os
import sys
import uuid
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from deploy.local.processes import start, wait_until
from deploy.local.prometheus import Prometheus
from tests.cluster.recommender.exposition import Exposition
from tests.cluster.recommender.room import Room

_REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def exporters():
    exposition = Exposition()
    yield exposition
    exposition.close()


@pytest.fixture(scope="session")
def room(cluster, exporters):
    namespace = f"rec-{uuid.uuid4().hex[:8]}"
    cluster.create_namespace(namespace)
    made = Room(cluster, namespace)
    made.make()
    exporters.text = made.exposition()
    yield made
    made.remove()
    cluster.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture(scope="session")
def prometheus(exporters, tmp_path_factory):
    job = {"job_name": "room", "static_configs": [{"targets": [exporters.address]}]}
    with Prometheus(
        tmp_path_factory.mktemp("prometheus"), scrape_configs=[job | {"honor_labels": True}]
    ) as one:
        yield one


@pytest.fixture(scope="module")
def launch(cluster, tmp_path_factory):
    """Starts recommenders under their own account; stops them after the test."""
    running = []
    kubeconfig = cluster.kubeconfig_for("climatik-recommender")

    def begin(*flags):
        address = f"127.0.0.1:{free_ports(1)[0]}"
        command = [sys.executable, "-m", "recommender", "--kubeconfig", str(kubeconfig)]
        command += ["--listen-address", address, "--interval-seconds", "1", *flags]
        log = tmp_path_factory.mktemp("recommender") / "recommender.log"
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_REPOSITORY)}
        process = start("recommender", command, log=log, environ=environ)
        running.append(process)
        return process, log, address

    yield begin
    for process in running:
        process.stop()


@pytest.fixture(scope="module")
def recommender(launch, room, prometheus):
    return launch("--prometheus-url", prometheus.url)


@pytest.fixture
def apply(cluster):
    """Applies objects, and deletes them after the test."""
    made = []

    def once(body):
        cluster.kubectl("apply", "-f", "-", input=json.dumps(body))
        made.append(body)

    yield once
    for body in reversed(made):
        namespace = body["metadata"].get("namespace", "default")
        cluster.kubectl(
            "delete",
            body["kind"],
            body["metadata"]["name"],
            "-n",
            namespace,
            "--wait=false",
            "--ignore-not-found",
        )


@pytest.fixture
def status_of(cluster):
    """Waits until the status of an object satisfies a predicate, and returns it."""

    def wait(kind, name, namespace, until, what):
        seen = {}

        def satisfied():
            listed = cluster.kubectl("get", kind, name, "-n", namespace or "default", "-o", "json")
            seen.update(status=json.loads(listed).get("status", {}))
            return bool(until(seen["status"]))

        try:
            wait_until(satisfied, what, timeout_seconds=30)
        except TimeoutError as error:
            raise AssertionError(f"{what}; last status: {json.dumps(seen, indent=1)}") from error
        return seen["status"]

    return wait
