"""Replicas agree on one authority, however they race."""

import asyncio
import base64
import json
import ssl
from datetime import UTC, datetime

import pytest

from admission.authority_store import SECRET_NAME, AuthorityStore
from common.kube import Client, load_config
from tests.cluster.admission.webhook import running

NAMESPACE = "climatik-project"
REPLICAS = 8


@pytest.fixture
async def client(cluster):
    async with Client(load_config(str(cluster.kubeconfig_for("climatik-admission")))) as made:
        yield made


def delete_secret(cluster):
    cluster.kubectl("delete", "secret", SECRET_NAME, "-n", NAMESPACE, "--ignore-not-found")


async def race(client) -> set[str]:
    stores = [AuthorityStore(client, NAMESPACE) for _ in range(REPLICAS)]
    found = await asyncio.gather(*(store.current(datetime.now(UTC)) for store in stores))
    return {authority.fingerprint for authority in found}


async def test_replicas_that_race_to_create_it_agree(cluster, client):
    delete_secret(cluster)
    assert len(await race(client)) == 1


async def test_replicas_that_race_to_replace_a_broken_one_agree(cluster, client):
    await race(client)
    broken = [{"op": "replace", "path": "/data/tls.key", "value": "aGVsbG8="}]
    cluster.kubectl("patch", "secret", SECRET_NAME, "-n", NAMESPACE, "--type=json", "-p", json.dumps(broken))
    assert len(await race(client)) == 1


async def test_deleted_secret_comes_back_with_the_same_authority(cluster, client):
    store = AuthorityStore(client, NAMESPACE)
    before = await store.current(datetime.now(UTC))
    delete_secret(cluster)
    assert (await store.current(datetime.now(UTC))).fingerprint == before.fingerprint
    assert (
        await AuthorityStore(client, NAMESPACE).current(datetime.now(UTC))
    ).fingerprint == before.fingerprint


async def test_two_processes_serve_certificates_of_the_same_authority(cluster, tmp_path):
    delete_secret(cluster)
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    with running(cluster, folders[0]) as first, running(cluster, folders[1], "--no-register") as second:
        data = json.loads(cluster.kubectl("get", "secret", SECRET_NAME, "-n", NAMESPACE, "-o", "json"))[
            "data"
        ]
        trust = ssl.create_default_context(cadata=base64.b64decode(data["ca.crt"]).decode())
        issuers = []
        for webhook in (first, second):
            _, writer = await asyncio.open_connection("127.0.0.1", webhook.tls_port, ssl=trust)
            issuers.append(writer.get_extra_info("peercert")["issuer"])
            writer.close()
            await writer.wait_closed()
    assert len(issuers) == 2
    assert issuers[0] == issuers[1]
