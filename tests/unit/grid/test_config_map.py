"""The ConfigMap of Azure's kubernetes-carbon-intensity-exporter, read by its carbon-aware-keda-operator."""

import base64
import json
from datetime import UTC, datetime

import msgspec
import pytest

from common.grid.config_map import CONFIG_MAPS, CarbonConfigMap, ConfigMap
from common.grid.errors import GridRefusedError, GridUnavailableError
from common.kube.errors import ConnectionFailed, PermanentError

RECORDS = [
    {"location": "westus", "timestamp": "2026-01-20T10:00:00Z", "duration": 5, "value": 400.5},
    {"location": "westus", "timestamp": "2026-01-20T10:05:00Z", "duration": 5, "value": 380.25},
]


def config_map(body, key="data"):
    wire = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "carbon-intensity", "namespace": "kube-system"},
        "data": {"lastHeartbeatTime": "2026-01-20T10:00:00Z", "numOfRecords": "2"},
        "binaryData": {key: base64.b64encode(body).decode()},
    }
    return msgspec.json.decode(json.dumps(wire), type=ConfigMap)


class Cluster:
    """Answers one get with an object or an error."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    async def get(self, resource, name, namespace=""):
        self.asked.append(resource.path(namespace, name))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_the_records_become_a_series():
    cluster = Cluster(config_map(json.dumps(RECORDS).encode()))
    series = await CarbonConfigMap(cluster).fetch()
    assert series.at(datetime(2026, 1, 20, 10, 7, tzinfo=UTC)) == 380.25
    assert series.zone == "westus"
    assert cluster.asked == ["/api/v1/namespaces/kube-system/configmaps/carbon-intensity"]
    assert CONFIG_MAPS.kind == "ConfigMap"


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (config_map(b"[]"), GridRefusedError, "no record"),
        (config_map(b'[{"timestamp": "x", "value": 1}]'), GridRefusedError, "where a timestamp belongs"),
        (config_map(b'[{"timestamp": 3}]'), GridRefusedError, "another format"),
        (config_map(b"[]", key="other"), GridRefusedError, r"binaryData\.data"),
        (PermanentError("configmaps is forbidden"), GridRefusedError, "allow reading"),
        (ConnectionFailed("no route"), GridUnavailableError, "no route"),
    ],
    ids=["empty", "bad time", "bad record", "no key", "forbidden", "no connection"],
)
async def test_each_failure_says_whether_asking_again_helps(answer, error, text):
    with pytest.raises(error, match=text):
        await CarbonConfigMap(Cluster(answer)).fetch()
