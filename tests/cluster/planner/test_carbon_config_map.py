"""Carbon intensity from the ConfigMap in kube-system, by the accounts' own rights: that one, no other."""

import base64
import json

import pytest

from common.grid.config_map import CONFIG_MAPS, CarbonConfigMap
from common.grid.errors import GridRefusedError
from common.kube.client import Client
from common.kube.config_sources import load_config

RECORDS = [
    {"location": "westeurope", "timestamp": "2026-01-01T00:00:00Z", "duration": 60, "value": 210.5},
    {"location": "westeurope", "timestamp": "2026-01-01T01:00:00Z", "duration": 60, "value": 180.0},
]


@pytest.fixture
async def config_map(cluster):
    data = {"data": base64.b64encode(json.dumps(RECORDS).encode()).decode()}
    async with Client(load_config(str(cluster.kubeconfig))) as client:
        for name in ("carbon-intensity", "other"):
            await client.create(CONFIG_MAPS, {"metadata": {"name": name}, "binaryData": data}, "kube-system")
        yield
        for name in ("carbon-intensity", "other"):
            await client.delete(CONFIG_MAPS, name, "kube-system")


@pytest.mark.parametrize("account", ["climatik-recommender", "climatik-planner"])
async def test_is_read_by_name_and_nothing_else_is(cluster, config_map, account, planner_account):
    async with Client(load_config(str(cluster.kubeconfig_for(account)))) as client:
        series = await CarbonConfigMap(client).fetch()
        assert [point.value for point in series.points] == [210.5, 180.0]
        with pytest.raises(GridRefusedError, match="forbidden"):
            await CarbonConfigMap(client, object_name="other").fetch()
