"""The probe of the webhook: sees what the API server would come up against."""

import asyncio
import base64
import json
import ssl
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from admission.authority import new_authority
from admission.leaf import issue_leaf
from admission.metrics import AdmissionMetrics
from admission.nameplates import Nameplates
from admission.namespaces import PausedNamespaces
from admission.nodes import NodeIndex
from admission.reviewer import Knowledge, Reviewer
from admission.server import WebhookServer
from admission.settings import AdmissionSettings
from admission.tls_context import server_context, use_certificate
from common.api.meta import ObjectMeta
from common.api.names import ANNOTATION_POLICY
from common.api.policy import PolicySpec, PowerCappingPolicy, UpdatePolicy
from common.webhook.matching import PolicyIndex
from common.webhook.probe import probe, probe_effect
from common.webhook.registration import WebhookConfiguration

NOW = datetime.now(UTC)


class Webhook:
    """A webhook whose answers and certificate a test may spoil."""

    def __init__(self, issued=NOW, names=("127.0.0.1",)):
        self.authority, context = new_authority(issued), server_context()
        use_certificate(context, issue_leaf(self.authority, list(names), timedelta(hours=1), issued).pem)
        metrics = AdmissionMetrics(CollectorRegistry())
        knowledge = Knowledge(PolicyIndex(), NodeIndex(), PausedNamespaces(), Nameplates(), lambda: True)
        self.reviewer = Reviewer(knowledge, metrics)
        settings = AdmissionSettings(webhook_listen_address="127.0.0.1:0")
        self.server = WebhookServer(self.reviewer, metrics, context, settings)
        self.port = 0

    def registration(self):
        bundle = base64.b64encode(self.authority.bundle_pem).decode()
        client = {"url": f"https://127.0.0.1:{self.port}/mutate-pods", "caBundle": bundle}
        return WebhookConfiguration(webhooks=[{"clientConfig": client, "timeoutSeconds": 1}])


@pytest.fixture
async def ask():
    """Probes a webhook that serves."""
    opened = []

    async def asked(webhook):
        webhook.port = await webhook.server.open()
        opened.append(webhook)
        async with aiohttp.ClientSession() as session:
            return await probe(session, webhook.registration())

    yield asked
    for webhook in opened:
        await webhook.server.close()


async def test_webhook_that_answers_is_well(ask):
    assert await ask(Webhook()) == ""


async def test_expired_certificate_is_told(ask):
    assert "certificate" in await ask(Webhook(issued=NOW - timedelta(hours=2)))


async def test_certificate_for_another_name_is_told(ask):
    assert "certificate" in await ask(Webhook(names=["elsewhere.example"]))


GARBAGE = {
    "no JSON": b"garbage",
    "no object": b"[]",
    "no response": b'{"response": 5}',
    "another uid": b'{"response":{"uid":"other","allowed":true}}',
    "nested too deep": b"[" * 200_000,
    "no text": b"\xff\xfe\xfd",
    "endless": b" " * 5_000_000,
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_told(ask, monkeypatch, answer):
    webhook = Webhook()
    monkeypatch.setattr(webhook.reviewer, "answer", lambda body: answer)
    assert await ask(webhook) != ""


async def test_answer_without_end_is_cut_off(ask, monkeypatch):
    webhook = Webhook()
    monkeypatch.setattr(webhook.reviewer, "answer", lambda body: GARBAGE["endless"])
    assert "longer than 4000000 bytes" in await ask(webhook)


async def test_webhook_that_is_down_is_told():
    webhook = Webhook()
    webhook.port = 1
    async with aiohttp.ClientSession() as session:
        assert "the call failed" in await probe(session, webhook.registration())


async def test_webhook_that_hangs_is_told_after_its_own_timeout():
    async def hang(reader, writer):
        await reader.read()
        writer.close()

    webhook = Webhook()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    use_certificate(context, issue_leaf(webhook.authority, ["127.0.0.1"], timedelta(hours=1), NOW).pem)
    server = await asyncio.start_server(hang, "127.0.0.1", 0, ssl=context)
    webhook.port = server.sockets[0].getsockname()[1]
    registration = webhook.registration()
    registration.webhooks[0]["timeoutSeconds"] = 0.2
    async with aiohttp.ClientSession() as session:
        assert "no answer within 0.2 s" in await probe(session, registration)
    server.close()
    await server.wait_closed()


POLICY = PowerCappingPolicy(
    metadata=ObjectMeta(name="cap", namespace="llm", uid="p"),
    spec=PolicySpec(update_policy=UpdatePolicy(update_mode="Auto", levers=["Evict"])),
)
POD = {"metadata": {"namespace": "llm", "labels": {}}, "spec": {"containers": [{"name": "c"}]}}


def governing(**options):
    """A webhook that knows a policy."""
    webhook, index = Webhook(), PolicyIndex()
    index.change(None, POLICY)
    knowledge = Knowledge(index, NodeIndex(), PausedNamespaces(), Nameplates(), lambda: True)
    webhook.reviewer = Reviewer(knowledge, AdmissionMetrics(CollectorRegistry()), **options)
    webhook.server.reviewer = webhook.server._reviewer = webhook.reviewer
    return webhook


async def ask_about_a_pod(webhook, pod=POD):
    webhook.port = await webhook.server.open()
    try:
        async with aiohttp.ClientSession() as session:
            return await probe_effect(session, webhook.registration(), pod, ANNOTATION_POLICY)
    finally:
        await webhook.server.close()


async def test_webhook_that_would_mark_a_governed_pod_is_well():
    assert await ask_about_a_pod(governing()) == ""


async def test_webhook_that_answers_without_effect_is_told():
    assert "leaves a pod that a policy governs" in await ask_about_a_pod(governing(dry_run=True))


NO_PATCHES = {
    "no text": 5,
    "no base64": "%",
    "no JSON": base64.b64encode(b"garbage").decode(),
    "no list": base64.b64encode(b'{"op": "add"}').decode(),
    "no operations": base64.b64encode(b'["x", 5, null]').decode(),
    "no path": base64.b64encode(b'[{"op": "add", "path": 5, "value": []}]').decode(),
    "nested too deep": base64.b64encode(b"[" * 200_000).decode(),
}


@pytest.mark.parametrize("patch", NO_PATCHES.values(), ids=NO_PATCHES.keys())
async def test_patch_that_is_none_has_no_effect(monkeypatch, patch):
    def answer(body):
        response = {"uid": json.loads(body)["request"]["uid"], "allowed": True, "patch": patch}
        return json.dumps({"response": response}).encode()

    webhook = governing()
    monkeypatch.setattr(webhook.reviewer, "answer", answer)
    assert "leaves a pod that a policy governs" in await ask_about_a_pod(webhook)


async def test_pod_that_bears_annotations_already_is_marked_key_by_key():
    pod = {**POD, "metadata": {**POD["metadata"], "annotations": {"a": "b"}}}
    assert await ask_about_a_pod(governing(), pod) == ""


async def test_registration_without_webhooks_is_told():
    async with aiohttp.ClientSession() as session:
        assert "names no webhook" in await probe_effect(session, WebhookConfiguration(), POD, "x")
