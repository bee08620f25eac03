"""Facts of many objects, and where the webhook is called."""

import json

import pytest

from admission.alerts.feeds import facts_of
from common.api.meta import ObjectMeta
from common.api.policy import PowerCappingPolicy
from common.webhook.probe import address
from tests.unit.alerts.notices_for_tests import fact


def test_object_that_breaks_costs_its_own_facts_alone(caplog):
    def derive(policy):
        yield fact(of=policy.name)
        if policy.name == "b":
            raise ZeroDivisionError

    failed = []
    policies = [PowerCappingPolicy(metadata=ObjectMeta(name=name)) for name in "abc"]
    found = facts_of(policies, derive, lambda item: failed.append(item.name))
    assert [each.subject.name for each in found] == ["a", "c"]
    assert failed == ["b"]
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
