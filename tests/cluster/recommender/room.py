"""Two nodes with GPUs, pods that hold them, and what exporters say of them."""

import json
from dataclasses import dataclass, field

GPUS_PER_NODE = 2
GPU_WATTS = 300


@dataclass
class Room:
    """Nodes `rec-a` and `rec-b`, and a Deployment `chat` of one-GPU pods in a namespace."""

    cluster: object
    namespace: str
    nodes: tuple = ("rec-a", "rec-b")
    gpu_watts: dict = field(default_factory=dict)

    def make(self):
        for node in self.nodes:
            self._apply(node_body(node))
            self._apply(frequencies_body(node))
            status = json.dumps({"status": frequencies_status(node)})
            self.kubectl(
                "patch", "nodefrequencies", node, "--subresource=status", "--type=merge", "-p", status
            )
        self._apply(deployment_body(self.namespace))
        self.kubectl("rollout", "status", "deployment/chat", "-n", self.namespace, "--timeout=60s")
        self.gpu_watts = {gpu: 250.0 for node in self.nodes for gpu in gpus(node)}

    def remove(self):
        self.kubectl("delete", "nodefrequencies,nodes", *self.nodes, "--wait=false")

    def kubectl(self, *arguments, **options):
        return self.cluster.kubectl(*arguments, **options)

    def exposition(self):
        """The page of agents and of the DCGM exporter in one."""
        lines = []
        holders = self._holders()
        for node in self.nodes:
            total = 400.0 + sum(self.gpu_watts[gpu] for gpu in gpus(node))
            lines.append(f'climatik_node_watts{{node="{node}"}} {total}')
            lines.append(f'climatik_node_cpu_watts{{node="{node}",package="0"}} 100')
            for number, gpu in enumerate(gpus(node)):
                watts = self.gpu_watts[gpu]
                lines.append(
                    f'climatik_node_gpu_watts{{node="{node}",gpu="{number}",gpu_uuid="{gpu}"}} {watts}'
                )
                pod = holders.get(gpu)
                labels = f'UUID="{gpu}",gpu="{number}",Hostname="{node}"'
                if pod:
                    labels += f',namespace="{self.namespace}",pod="{pod}",container="server"'
                lines.append(f"DCGM_FI_DEV_POWER_USAGE{{{labels}}} {watts}")
        return "\n".join(lines) + "\n"

    def _holders(self):
        listed = json.loads(self.kubectl("get", "pods", "-n", self.namespace, "-o", "json"))["items"]
        free = {node: gpus(node) for node in self.nodes}
        running = [pod for pod in listed if pod["spec"].get("nodeName") in free]
        return {free[pod["spec"]["nodeName"]].pop(0): pod["metadata"]["name"] for pod in running}

    def _apply(self, body):
        self.kubectl("apply", "-f", "-", input=json.dumps(body))


def gpus(node):
    return [f"GPU-{node}-{number}" for number in range(GPUS_PER_NODE)]


def node_body(name):
    resources = {"cpu": "64", "memory": "512Gi", "pods": "110", "nvidia.com/gpu": str(GPUS_PER_NODE)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"rack": "rec-rack", "pool": "rec", "kubernetes.io/hostname": name},
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "status": {"allocatable": resources, "capacity": resources},
    }


def frequencies_body(node):
    return {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "NodeFrequencies",
        "metadata": {"name": node},
        "spec": {"nodeName": node},
    }


def frequencies_status(node):
    boards = [
        {
            "gpuId": gpu, "status": "Applied", "enforcedWatts": GPU_WATTS, "minimumWatts": 100,
            "maximumWatts": GPU_WATTS, "maximumFrequency": 1980,
        }
        for gpu in gpus(node)
    ]  # fmt: skip
    budget = {
        "uid": "confirmed", "sequence": 1, "nodeUID": "n", "bootID": "b", "enforcedBudgetWatts": 1100,
        "nameplateWatts": 1100, "minimumBudgetWatts": 600,
    }  # fmt: skip
    return {"protocolVersion": 1, "powerBudget": budget, "gpus": boards}


def deployment_body(namespace):
    container = {
        "name": "server",
        "image": "example.com/vllm",
        "resources": {"limits": {"nvidia.com/gpu": "1"}},
    }
    template = {
        "metadata": {"labels": {"app": "chat"}},
        "spec": {
            "nodeSelector": {"pool": "rec"},
            "containers": [container],
            "tolerations": [{"operator": "Exists"}],
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "chat", "namespace": namespace},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "chat"}}, "template": template},
    }


def policy_body(namespace, name, **spec):
    return {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": "chat"}}, **spec},
    }


def domain_body(name, **spec):
    return {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerDomain",
        "metadata": {"name": name},
        "spec": spec,
    }
