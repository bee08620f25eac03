"""The Planner as a process, beside a real control plane and a real Prometheus."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from deploy.local.processes import start, wait_until
from deploy.local.prometheus import Prometheus
from tests.cluster.planner.serving import Serving

_REPOSITORY = Path(__file__).resolve().parents[3]
_HERE = Path(__file__).parent


@pytest.fixture
def serving(namespace):
    made = Serving(namespace)
    yield made
    made.close()


@pytest.fixture
def prometheus(serving, tmp_path):
    job = {"job_name": "serving", "static_configs": [{"targets": [serving.address]}], "honor_labels": True}
    with Prometheus(tmp_path / "prometheus", scrape_configs=[job]) as one:
        yield one


@pytest.fixture(scope="session")
def planner_account(cluster):
    """The account of the Planner alone; that of the recommender is there anyway."""
    cluster.kubectl("apply", "-f", str(_REPOSITORY / "deploy/manifests/planner/rbac-planner.yaml"))


@pytest.fixture(params=["recommender.planner", "recommender"])
def planner(request, cluster, prometheus, tmp_path, planner_account):
    """The address of a running Planner: alone with an account of its own, or within the recommender."""
    port_file = tmp_path / "port"
    address = f"127.0.0.1:{free_ports(1)[0]}"
    kubeconfig = cluster.kubeconfig_for(f"climatik-{request.param.rpartition('.')[2]}")
    command = [sys.executable, "-m", request.param, "--kubeconfig", str(kubeconfig)]
    command += ["--grpc-listen-address", address, "--grpc-port-file", str(port_file)]
    command += ["--prometheus-url", prometheus.url, "--interval-seconds", "1", "--detect-seconds", "1"]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_REPOSITORY)}
    process = start("planner", command, log=tmp_path / "planner.log", environ=environ)
    wait_until(port_file.exists, "the Planner's port", timeout_seconds=30, check=process.check)
    yield address
    process.stop()


@pytest.fixture(scope="session")
def ask(tmp_path_factory):
    """Asks a Planner with a client that was generated from the original proto."""
    stubs = tmp_path_factory.mktemp("stubs")
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{_HERE}", f"--python_out={stubs}"]
    subprocess.run([*protoc, f"--grpc_python_out={stubs}", str(_HERE / "original.proto")], check=True)

    def once(address, cap, namespace, *names):
        command = [sys.executable, str(_HERE / "client.py"), address, str(cap), namespace, *names]
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(stubs)}
        done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    return once
