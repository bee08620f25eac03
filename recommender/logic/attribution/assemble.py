"""From columns to what the rest of the recommender asks for: draws by pod, with containers and GPUs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from common.telemetry.columns import Floats
from recommender.logic.attribution.boards import Boards
from recommender.logic.attribution.cast import Cast, Flags, Ints
from recommender.logic.attribution.holdings import Holdings
from recommender.logic.attribution.hosts import HostShares
from recommender.logic.attribution.requests import Requested
from recommender.logic.attribution.rows import Rows, from_best_source, total
from recommender.model.draws import PodDraw


@dataclass(frozen=True)
class Shares:
    """All that pods were given.

    Attributes:
        boards: The GPUs.
        holdings: Who holds them.
        requested: GPUs by request, where nobody tells holders.
        hosts: Processors.
        containers: Rows that tell the processors' watts of containers.
        container_names: By number.
    """

    boards: Boards
    holdings: Holdings
    requested: Requested
    hosts: HostShares
    containers: Rows
    container_names: Sequence[str]

    def gpu_watts(self, pods: int) -> Floats:
        """Returns the GPUs' watts by pod."""
        held = self.boards.watts[self.holdings.board] * self.holdings.part
        return total(self.holdings.pod, held, pods) + self.requested.watts


def assemble_pods(shares: Shares, cast: Cast, sources: tuple[str, ...]) -> dict[int, PodDraw]:
    """Returns the draw of every pod that is measured, by its number."""
    pods = len(cast.pods)
    gpu, host = shares.gpu_watts(pods).tolist(), shares.hosts.watts.tolist()
    estimated, requested = shares.hosts.estimated.tolist(), shares.requested.applies.tolist()
    containers = _containers(shares, cast)
    gpus = _gpus(shares)
    texts = _source_texts(shares, pods, sources)
    return {
        pod: PodDraw(
            gpu[pod], host[pod], estimated[pod], containers.get(pod, {}), gpus.get(pod, ()), texts[pod],
            requested[pod],
        )
        for pod in np.flatnonzero(_measured(shares, pods)).tolist()
    }  # fmt: skip


def _measured(shares: Shares, pods: int) -> Flags:
    """Tells which pods are measured: one that came after the readings were taken is not yet."""
    present = np.bincount(shares.holdings.pod[shares.holdings.present], minlength=pods) > 0
    told: Flags = present | (shares.hosts.rank >= 0) | shares.requested.applies
    return told


def _containers(shares: Shares, cast: Cast) -> dict[int, dict[str, float]]:
    """Returns watts by pod and container; those without a name are the container's that holds GPUs."""
    holdings, requested = shares.holdings, shares.requested
    held = shares.boards.watts[holdings.board] * holdings.part
    by_request = np.flatnonzero(requested.applies)
    pod, container, host = _host_containers(shares)
    pods = np.concatenate([holdings.pod, by_request, pod]).tolist()
    names = np.concatenate([holdings.container, np.zeros_like(by_request), container]).tolist()
    watts = np.concatenate([held, requested.watts[by_request], host]).tolist()
    found: dict[int, dict[str, float]] = defaultdict(dict)
    texts = shares.container_names
    for number, code, part in zip(pods, names, watts, strict=True):
        name = texts[code] if code else cast.pods[number].gpu_container
        mine = found[number]
        mine[name] = mine.get(name, 0.0) + part
    return found


def _host_containers(shares: Shares) -> tuple[Ints, Ints, Floats]:
    """Splits the processors' watts of each pod as the meter of its containers has it.

    Containers may be rows of the pod's own meter, or of a finer one beside it; their sum is made the pod's.
    """
    hosts, finer = shares.hosts, shares.containers
    pods = hosts.watts.size
    finer = finer.where(finer.pod >= 0)
    finer = finer.where(from_best_source(finer.pod, finer.rank, pods))
    covered = np.bincount(finer.pod, weights=finer.watts, minlength=pods) > 0
    own = hosts.rows.where(~covered[hosts.rows.pod])
    finer = finer.where(covered[finer.pod])
    pod = np.concatenate([finer.pod, own.pod])
    container = np.concatenate([finer.container, own.container])
    watts = np.concatenate([finer.watts, own.watts])
    sums = total(pod, watts, pods)
    scale = np.divide(hosts.watts, sums, out=np.zeros(pods), where=sums > 0)
    bare = np.flatnonzero((hosts.watts > 0) & (sums <= 0))
    return (
        np.concatenate([pod, bare]),
        np.concatenate([container, np.zeros_like(bare)]),
        np.concatenate([watts * scale[pod], hosts.watts[bare]]),
    )


def _gpus(shares: Shares) -> Mapping[int, tuple[str, ...]]:
    uuids = shares.boards.uuids
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for board, pod in zip(shares.holdings.board.tolist(), shares.holdings.pod.tolist(), strict=True):
        found[pod][uuids[board]] = None
    certain = shares.requested.certain
    for board in np.flatnonzero(certain >= 0).tolist():
        found[int(certain[board])][uuids[board]] = None
    return {pod: tuple(mine) for pod, mine in found.items()}


def _source_texts(shares: Shares, pods: int, names: tuple[str, ...]) -> list[str]:
    """Returns who measured each pod, as ``dcgm + kepler``."""
    holdings, hosts = shares.holdings, shares.hosts
    bits = np.zeros(pods, dtype=np.int64)
    np.bitwise_or.at(bits, holdings.pod, 1 << shares.boards.rank[holdings.board])
    metered = hosts.rank >= 0
    bits[metered] |= 1 << hosts.rank[metered]
    texts = {
        mask: " + ".join(sorted(name for rank, name in enumerate(names) if mask >> rank & 1))
        for mask in np.unique(bits).tolist()
    }
    return [texts[mask] for mask in bits.tolist()]
