"""Approvals that outlive their end are told of."""

from datetime import UTC, datetime

import pytest

from admission.alerts.facts.approvals import approval_facts
from common.api.names import ANNOTATION_APPROVAL
from tests.unit.slack.desk_for_tests import policy

NOW = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)


def held(until):
    return policy("Auto", ["Frequency"], {ANNOTATION_APPROVAL: f'{{"by": "U1", "until": "{until}"}}'})


@pytest.mark.parametrize(
    ("item", "told"),
    [
        pytest.param(policy(), False, id="no approval"),
        pytest.param(held("2026-01-01T02:00:00Z"), False, id="in force"),
        pytest.param(held("2026-01-01T00:58:30Z"), False, id="just over"),
        pytest.param(held("2026-01-01T00:57:00Z"), True, id="long over"),
        pytest.param(held("whenever"), True, id="until nobody knows when"),
    ],
)
def test_facts(item, told):
    assert [fact.name for fact in approval_facts(item, NOW)] == (["ApprovalNotEnded"] if told else [])
