"""One measured first sync in a fresh process: ``python -m benchmarks.sync.side ours|official KUBECONFIG``.

Prints one JSON object: objects, wall and CPU seconds, and resident memory added since the imports were done.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.usage import resident_mib


def main(side: str, kubeconfig: str) -> None:
    """Prepares one side, measures its sync, prints the result."""
    sync = {"ours": _prepare_ours, "official": _prepare_official}[side](kubeconfig)
    gc.collect()
    before, started, cpu_started = resident_mib(os.getpid()), time.perf_counter(), time.process_time()
    objects, _kept = sync()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    added = resident_mib(os.getpid()) - before
    print(
        json.dumps({"objects": objects, "seconds": seconds, "cpu_seconds": cpu_seconds, "added_mib": added})
    )


def _prepare_ours(kubeconfig: str) -> Callable[[], tuple[int, Any]]:
    core = importlib.import_module("common.api.core")
    kube = importlib.import_module("common.kube")
    config = kube.load_config(kubeconfig)

    async def sync() -> tuple[int, Any]:
        async with kube.Client(config, user_agent="climatik-benchmark") as client:
            informer = kube.Informer(client, core.PODS)
            following = asyncio.create_task(informer.run())
            await informer.wait_synced()
            following.cancel()
            return len(informer), informer

    return lambda: asyncio.run(sync())


def _prepare_official(kubeconfig: str) -> Callable[[], tuple[int, Any]]:
    official = importlib.import_module("kubernetes")
    official.config.load_kube_config(config_file=kubeconfig)
    api = official.client.CoreV1Api()

    def sync() -> tuple[int, Any]:
        pods = api.list_pod_for_all_namespaces()
        return len(pods.items), pods

    return sync


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
