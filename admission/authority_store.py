"""One authority for all replicas: it lives in a Secret, and every write is conditional on what was read."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final

from admission.authority import Authority, AuthorityError, from_secret_data, new_authority, to_secret_data
from common.api.core import SECRETS, Secret
from common.kube.client import Client
from common.kube.errors import AlreadyExists, Conflict, NotFound, RetryableError

log = logging.getLogger(__name__)

SECRET_NAME: Final = "climatik-webhook-ca"  # noqa: S105 - where the key is, not what it is
_ATTEMPTS: Final = 8


class AuthorityContendedError(RetryableError):
    """Other writers won every attempt; try again later."""


class AuthorityStore:
    """Reads the authority, or makes it where it is missing, broken or old; replicas that race agree.

    A Secret that somebody deleted comes back with the authority that this replica remembers, so that the
    leaves in use stay trusted.
    """

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._remembered: Authority | None = None

    async def current(self, now: datetime) -> Authority:
        """Returns the authority that all replicas sign with.

        Raises:
            KubeError: The API server refused, or could not be reached.
            AuthorityContendedError: Others wrote at every attempt.
        """
        for _ in range(_ATTEMPTS):
            settled = await self._attempt(now)
            if settled is not None:
                self._remembered = settled
                return settled
        raise AuthorityContendedError(
            f"Secret {self._namespace}/{SECRET_NAME} changed at each of {_ATTEMPTS} attempts"
        )

    async def _attempt(self, now: datetime) -> Authority | None:
        """One read and at most one conditional write; None when another writer was faster."""
        try:
            secret = await self._client.get(SECRETS, SECRET_NAME, self._namespace)
        except NotFound:
            return await self._create(self._remembered or new_authority(now))
        stored = _read(secret)
        if stored is not None and not stored.due_for_renewal(now):
            return stored
        return await self._replace(secret, new_authority(now, stored or self._remembered))

    async def _create(self, authority: Authority) -> Authority | None:
        try:
            await self._client.create(SECRETS, self._body(authority), self._namespace)
        except AlreadyExists:
            return None
        log.info("authority created", extra={"secret": SECRET_NAME, "fingerprint": authority.fingerprint})
        return authority

    async def _replace(self, secret: Secret, authority: Authority) -> Authority | None:
        body = self._body(authority)
        body["metadata"] |= {"uid": secret.metadata.uid, "resourceVersion": secret.metadata.resource_version}
        body["type"] = secret.type or body["type"]
        try:
            await self._client.replace(SECRETS, body)
        except (Conflict, NotFound):
            return None
        log.info("authority replaced", extra={"secret": SECRET_NAME, "fingerprint": authority.fingerprint})
        return authority

    def _body(self, authority: Authority) -> dict[str, Any]:
        metadata = {"name": SECRET_NAME, "namespace": self._namespace}
        return {"metadata": metadata, "type": "kubernetes.io/tls", "data": to_secret_data(authority)}


def _read(secret: Secret) -> Authority | None:
    try:
        return from_secret_data(secret.data)
    except AuthorityError as error:
        log.warning("authority unreadable, replacing it", extra={"secret": SECRET_NAME, "error": str(error)})
        return None
