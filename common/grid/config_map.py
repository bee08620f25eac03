"""The ConfigMap that Azure's kubernetes-carbon-intensity-exporter keeps in kube-system.

Format: https://github.com/Azure/kubernetes-carbon-intensity-exporter and the operator that reads it,
https://github.com/Azure/carbon-aware-keda-operator: ``binaryData.data`` holds a JSON list of records
``{location, timestamp, duration, value}``, the duration in minutes, the value in g/kWh.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import msgspec

from common.api.meta import KubeObject
from common.api.resource import Resource
from common.grid.emissions_record import EmissionsRecord, series_of
from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.http import decode
from common.grid.series import GridSeries, Signal
from common.kube.client import Client
from common.kube.errors import KubeError, RetryableError


class ConfigMap(KubeObject, frozen=True):
    """A ConfigMap; binary values stay base64 text."""

    binary_data: dict[str, str] = msgspec.field(default_factory=dict)


CONFIG_MAPS = Resource(kind="ConfigMap", plural="configmaps", type=ConfigMap, namespaced=True)


@dataclass(frozen=True)
class CarbonConfigMap:
    """Carbon intensity, forecast by whoever writes the ConfigMap.

    Attributes:
        client: Of the cluster; needs ``get`` on this one ConfigMap.
        object_name: Of the ConfigMap.
        namespace: Of the ConfigMap.
        key: Under ``binaryData``.
    """

    client: Client
    object_name: str = "carbon-intensity"
    namespace: str = "kube-system"
    key: str = "data"

    @property
    def name(self) -> str:
        """Returns where the ConfigMap is."""
        return f"ConfigMap {self.namespace}/{self.object_name}"

    @property
    def signal(self) -> Signal:
        """Returns carbon intensity."""
        return Signal.CARBON_INTENSITY

    async def fetch(self) -> GridSeries:
        """Reads the object.

        Raises:
            GridUnavailableError: The API server did not answer.
            GridRefusedError: No such object or key, no right to it, or another format.
        """
        try:
            found = await self.client.get(CONFIG_MAPS, self.object_name, self.namespace)
        except RetryableError as error:
            raise GridUnavailableError(f"{self.name}: {error}") from error
        except KubeError as error:
            raise GridRefusedError(
                f"{self.name}: {error}; install the exporter and allow reading it"
            ) from error
        return parse_config_map(found, self.key, self.name)


def parse_config_map(found: ConfigMap, key: str, origin: str) -> GridSeries:
    """Returns the records of a ConfigMap.

    Raises:
        GridRefusedError: The key is missing or holds something else.
    """
    if key not in found.binary_data:
        raise GridRefusedError(f"{origin} has no binaryData.{key}; check that the exporter has run")
    try:
        body = base64.b64decode(found.binary_data[key], validate=True)
    except (binascii.Error, ValueError) as error:
        raise GridRefusedError(f"{origin}: binaryData.{key} is not base64") from error
    return series_of(decode(body, list[EmissionsRecord], origin), origin)
