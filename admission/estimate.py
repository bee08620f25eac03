"""How many watts a new pod will need: what its workload was seen to draw, else what its devices may draw."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from admission.nameplates import Nameplates
from admission.nodes import PRODUCT_LABEL, NodeOffer
from admission.placement import node_selector
from admission.pods import Container, Pod, containers, name_of, requested, resources, sidecars
from admission.workload import Workload, workload_of
from common.api.policy import ContainerRecommendation, PowerCappingPolicy
from common.models.power.key import ModelKey, model_key

GPU_RESOURCE: Final = "nvidia.com/gpu"
_MIG_PREFIX: Final = "nvidia.com/mig-"
_MIG: Final = re.compile(r"^nvidia\.com/mig-(\d)g\.")
_MIG_SLICES: Final = 7
_MEASURED: Final = ("Measured", "Alike")


@dataclass(frozen=True)
class Estimate:
    """Watts, and the reasons that add up to them, each in plain words."""

    watts: int
    reasons: tuple[str, ...]


def estimate(pod: Pod, policy: PowerCappingPolicy, offer: NodeOffer, nameplates: Nameplates) -> Estimate:
    """Estimates the draw of a pod in whole watts, never under the floor.

    Containers that the policy's recommendation knows count at what they would draw uncapped (a new pod starts
    as a step of power, before any cap bites), those of a new workload at what others with the same image,
    model and GPUs would; the rest at the nameplate of their GPUs and a share of the CPUs they request.
    """
    learned = _learned(policy, workload_of(pod)) or _learned_of_alike(policy, pod, offer)
    gpu = _gpu_watts(pod, offer, nameplates)
    total, reasons = 0.0, []
    for container in containers(pod) + sidecars(pod):
        watts, why = _container_watts(container, learned, gpu, nameplates)
        total += watts
        reasons += why
    return _with_floor(math.ceil(round(total, 6)), reasons, nameplates.floor_watts)


def gpus(container: Container) -> float:
    """Returns how many GPUs a container asks for; a slice of a GPU counts as so many sevenths."""
    total = requested(container, GPU_RESOURCE)
    for resource in resources(container, "limits").keys() | resources(container, "requests").keys():
        if resource.startswith(_MIG_PREFIX) and (match := _MIG.match(resource)):
            total += requested(container, resource) * int(match.group(1)) / _MIG_SLICES
    return total


@dataclass(frozen=True)
class _GpuWatts:
    watts: int
    source: str


def _container_watts(
    container: Container, learned: Mapping[str, Learned], gpu: _GpuWatts, nameplates: Nameplates
) -> tuple[float, list[str]]:
    name = name_of(container)
    if name in learned:
        return learned[name].watts, [
            f"{name}: {learned[name].watts} W as {learned[name].who} was seen to need"
        ]
    watts, parts = 0.0, []
    if count := gpus(container):
        watts += count * gpu.watts
        parts.append(f"{round(count, 3):g} GPU at {gpu.watts} W ({gpu.source})")
    if cpus := requested(container, "cpu"):
        watts += cpus * nameplates.watts_per_cpu
        parts.append(f"{round(cpus, 3):g} CPU at {nameplates.watts_per_cpu:g} W")
    return watts, [f"{name}: {' + '.join(parts)}"] if parts else []


def _with_floor(watts: int, reasons: list[str], floor: int) -> Estimate:
    if not reasons:
        return Estimate(floor, ("no GPU and no CPU is asked for, so it is the floor",))
    if watts < floor:
        return Estimate(floor, (*reasons, f"raised to the floor of {floor} W"))
    return Estimate(watts, tuple(reasons))


@dataclass(frozen=True)
class Learned:
    """Watts that a container needs, and who was seen to need them."""

    watts: int
    who: str


def _learned(policy: PowerCappingPolicy, workload: Workload) -> dict[str, Learned]:
    """Returns watts by container that the policy's status holds for a workload."""
    known = (
        (entry.container, _uncapped(entry))
        for entry in _entries(policy)
        if workload.is_called(entry.workload)
    )
    return {container: Learned(watts, "this workload") for container, watts in known if watts > 0}


def _learned_of_alike(policy: PowerCappingPolicy, pod: Pod, offer: NodeOffer) -> dict[str, Learned]:
    """Returns watts by container of what other workloads with the same model key need, the most of them.

    Only measured watts count: of a nameplate there is a better one here.
    """
    measured = [
        (entry.model_key, _uncapped(entry), entry.workload)
        for entry in _entries(policy)
        if isinstance(entry.model_key, str) and entry.basis in _MEASURED
    ]
    if not measured:
        return {}
    product = _product(pod, offer)
    found = {}
    for container in containers(pod):
        key = _key(container, product)
        fitting = [(watts, who) for text, watts, who in measured if key is not None and key.fits(text)]
        if fitting and max(fitting)[0] > 0:
            watts, who = max(fitting)
            found[name_of(container)] = Learned(watts, f"{who}, which runs the same model,")
    return found


def _entries(policy: PowerCappingPolicy) -> Sequence[ContainerRecommendation]:
    recommendation = policy.status.recommendation
    return recommendation.containers if recommendation else ()


def _key(container: Container, product: str) -> ModelKey | None:
    command, arguments = (_words(container.get(part)) for part in ("command", "args"))
    whole = int(requested(container, GPU_RESOURCE))
    return model_key(str(container.get("image", "")), command, arguments, product, whole)


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


def _product(pod: Pod, offer: NodeOffer) -> str:
    """Returns the GPU type that a pod will get; empty where several are possible."""
    chosen = node_selector(pod).get(PRODUCT_LABEL)
    if chosen or len(offer.gpu_products) != 1:
        return str(chosen or "")
    return next(iter(offer.gpu_products))


def _uncapped(entry: ContainerRecommendation) -> int:
    return max(entry.uncapped_target or entry.upper_bound, entry.target)


def _gpu_watts(pod: Pod, offer: NodeOffer, nameplates: Nameplates) -> _GpuWatts:
    """Watts of one GPU: of the product that the pod selects, else of the largest it may get."""
    chosen = node_selector(pod).get(PRODUCT_LABEL)
    products: Iterable[str] = [chosen] if chosen else sorted(offer.gpu_products)
    known = [
        (watts, product) for product in products if (watts := nameplates.of_product(product)) is not None
    ]
    if not known:
        return _GpuWatts(nameplates.default_gpu_watts, "by default, as no node names its GPU")
    watts, product = max(known)
    return _GpuWatts(watts, f"nameplate of {product}")
