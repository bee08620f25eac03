"""From watched objects to sinks: what is derived, kept over a restart, and what breaks alone."""

import json
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from admission.alerts import feeds as module
from admission.alerts.feeds import AlertFeeds
from admission.alerts.metrics import AlertMetrics
from admission.alerts.probe import address
from common.api.meta import ObjectMeta
from common.api.policy import PowerCappingPolicy

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Collection:
    """Stands in for an informer."""

    def __init__(self, *items):
        self._items = {item.name: item for item in items}

    def items(self):
        return list(self._items.values())

    def get(self, name, namespace=""):
        return self._items.get(name)


@pytest.fixture
def feeds():
    class Client:
        stats = None

    made = AlertFeeds(Client(), "climatik-project", AlertMetrics(CollectorRegistry()))  # type: ignore[arg-type]
    for name in ("_policies", "_domains", "_nodes", "_pods", "_lease", "_webhook"):
        setattr(made, name, Collection())
    return made


def test_missing_registration_is_a_fact(feeds):
    assert [fact.name for fact in feeds.facts(NOW)] == ["WebhookNotRegistered"]


def test_object_that_breaks_costs_its_own_facts_alone(feeds, monkeypatch, caplog):
    feeds._policies = Collection(
        PowerCappingPolicy(metadata=ObjectMeta(name="a")), PowerCappingPolicy(metadata=ObjectMeta(name="b"))
    )

    def derive(policy):
        if policy.name == "a":
            raise ZeroDivisionError
        yield from module.webhook_facts(True, "seen")

    monkeypatch.setattr(module, "policy_facts", derive)
    assert [fact.name for fact in feeds.facts(NOW)] == ["WebhookUnavailable", "WebhookNotRegistered"]
    assert "facts could not be derived" in caplog.text


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ({"url": "https://h:1/p"}, "https://h:1/p"),
        ({"service": {"name": "s", "namespace": "n", "path": "/p"}}, "https://s.n.svc:443/p"),
        ({"service": {"name": "s", "namespace": "n", "port": 8443}}, "https://s.n.svc:8443/"),
    ],
    ids=json.dumps,
)
def test_probe_goes_where_the_api_server_goes(client, expected):
    assert address(client) == expected
