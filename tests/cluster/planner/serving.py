"""Two Deployments on a simulated node, and what vLLM and the DCGM exporter say of their pods."""

import json
import time

from tests.cluster.recommender.exposition import Exposition

NODE = "plan-a"
GPUS = 8


class Serving(Exposition):
    """Counters that rise with time; ``pods`` maps a pod to tokens per second, requests running, and watts."""

    def __init__(self, namespace):
        self.pods = {}
        self._namespace = namespace
        self._began = time.monotonic()
        super().__init__()

    @property
    def text(self):
        seconds = time.monotonic() - self._began
        lines = ["# nothing else"]
        for number, (pod, (tokens, running, watts)) in enumerate(sorted(self.pods.items())):
            labels = f'namespace="{self._namespace}",pod="{pod}",model_name="m"'
            lines.append(f"vllm:generation_tokens_total{{{labels}}} {tokens * seconds}")
            lines.append(f"vllm:num_requests_running{{{labels}}} {running}")
            lines.append(f"vllm:num_requests_waiting{{{labels}}} 0")
            gpu = f'UUID="GPU-plan-{number}",gpu="{number}",Hostname="{NODE}",container="server"'
            lines.append(
                f'DCGM_FI_DEV_POWER_USAGE{{{gpu},namespace="{self._namespace}",pod="{pod}"}} {watts}'
            )
        return "\n".join(lines) + "\n"

    @text.setter
    def text(self, _):
        """What is served follows from ``pods``."""


def make(cluster, namespace, deployments):
    """Makes the node and the Deployments, and returns their pods by Deployment."""
    cluster.kubectl("apply", "-f", "-", input=json.dumps(_node()))
    for name, replicas in deployments.items():
        cluster.kubectl("apply", "-f", "-", input=json.dumps(_deployment(namespace, name, replicas)))
        cluster.kubectl("rollout", "status", f"deployment/{name}", "-n", namespace, "--timeout=60s")
    return {
        name: cluster.kubectl(
            "get", "pods", "-n", namespace, "-l", f"app={name}", "-o", "jsonpath={.items[*].metadata.name}"
        ).split()
        for name in deployments
    }


def _node():
    resources = {"cpu": "64", "memory": "512Gi", "pods": "110", "nvidia.com/gpu": str(GPUS)}
    metadata = {
        "name": NODE,
        "labels": {"pool": "plan", "kubernetes.io/hostname": NODE},
        "annotations": {"kwok.x-k8s.io/node": "fake"},
    }
    status = {"allocatable": resources, "capacity": resources}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": status}


def _deployment(namespace, name, replicas):
    container = {
        "name": "server",
        "image": "example.com/vllm",
        "resources": {"limits": {"nvidia.com/gpu": "1"}},
    }
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {
            "nodeSelector": {"pool": "plan"},
            "containers": [container],
            "tolerations": [{"operator": "Exists"}],
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }
