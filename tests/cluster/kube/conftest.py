"""Clients of the real API server, straight and through things that misbehave."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from common.kube import Client, ClusterConfig, load_config
from deploy.local.cluster import LocalCluster
from tests.fakes.faulty_gateway import FaultyGateway, gateway_to
from tests.fakes.misbehaving_proxy import MisbehavingProxy, proxying


@pytest.fixture
def config(cluster: LocalCluster) -> ClusterConfig:
    return load_config(str(cluster.kubeconfig))


@pytest.fixture
async def client(config: ClusterConfig) -> AsyncIterator[Client]:
    async with Client(config, user_agent="climatik-test") as client:
        yield client


@pytest.fixture
async def proxy(config: ClusterConfig) -> AsyncIterator[MisbehavingProxy]:
    address = urlsplit(config.server)
    async with proxying(address.hostname or "", address.port or 443) as proxy:
        yield proxy


@pytest.fixture
def proxied(config: ClusterConfig, proxy: MisbehavingProxy) -> ClusterConfig:
    """The same cluster by way of the TCP proxy."""
    return replace(config, server=f"https://127.0.0.1:{proxy.port}")


@pytest.fixture
async def gateway(config: ClusterConfig) -> AsyncIterator[FaultyGateway]:
    async with gateway_to(config) as gateway:
        yield gateway
