"""Keeps the record in its ConfigMap: read once a term, written under compare-and-swap."""

from __future__ import annotations

import logging

import msgspec

from common.api.decisions import RECORD_NAME, RECORDS, Record, RecordMap, decode_record, encode_record
from common.kube.client import Client
from common.kube.errors import KubeError, NotFound

log = logging.getLogger(__name__)


class RecordKeeper:
    """One leader's hold on the record; a write that is refused means that somebody else wrote: reread it.

    Args:
        client: Where it is.
        namespace: In which namespace.
    """

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._live: RecordMap | None = None
        self._saved = Record()
        self.record = Record()

    @property
    def dirty(self) -> bool:
        """Whether there is something to write."""
        return self.record != self._saved

    async def load(self) -> Record:
        """Reads the record consistently; makes an empty one where there is none.

        What is there and cannot be read is kept in the log and begun anew.

        Raises:
            KubeError: It could not be had: nothing may be done then.
        """
        try:
            self._live = await self._client.get(RECORDS, RECORD_NAME, self._namespace)
        except NotFound:
            body = {"metadata": {"name": RECORD_NAME, "labels": {"app.kubernetes.io/name": "climatik"}}}
            self._live = await self._client.create(RECORDS, body, self._namespace)
        try:
            self._saved = self.record = decode_record(self._live)
        except msgspec.DecodeError as error:
            log.error("the record could not be read and is begun anew", extra={"error": str(error)})
            self._saved = self.record = Record()
        return self.record

    async def save(self) -> None:
        """Writes the record on top of the version that was read or written last.

        Raises:
            KubeError: It is not certain that it was written; the next call has to `load` first.
        """
        if self._live is None:
            raise RuntimeError("load the record before it is saved")
        metadata = self._live.metadata
        body = {
            "metadata": {
                "name": metadata.name,
                "namespace": metadata.namespace,
                "uid": metadata.uid,
                "resourceVersion": metadata.resource_version,
                "labels": metadata.labels,
            },
            "data": encode_record(self.record),
        }
        try:
            self._live = await self._client.replace(RECORDS, body)
        except KubeError:
            self._live = None
            raise
        self._saved = self.record

    @property
    def held(self) -> bool:
        """Whether the version that is on the server is known."""
        return self._live is not None
