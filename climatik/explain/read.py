"""Reads what is explained from the API server."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from climatik.explain.story import utc
from common.api.core import PODS, Pod
from common.api.decisions import RECORD_NAME, RECORDS, Record, decode_record
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.meta import Condition
from common.api.names import ANNOTATION_EXPLANATION
from common.api.policy import POLICIES, PowerCappingPolicy, Recommendation
from common.kube.client import Client
from common.kube.errors import NotFound, PermanentError


async def read_record(client: Client, namespace: str) -> Record:
    """Returns the actuator's record; an empty one where there is none.

    Raises:
        KubeError: It may not be read, or the API server could not be reached.
        PermanentError: What is there is no record.
    """
    try:
        return decode_record(await client.get(RECORDS, RECORD_NAME, namespace))
    except NotFound:
        return Record()
    except msgspec.DecodeError as error:
        text = f"ConfigMap {namespace}/{RECORD_NAME} holds no record ({error}): the actuator begins it anew"
        raise PermanentError(text) from error


async def read_facts(client: Client, kind: str, name: str, namespace: str) -> list[str]:
    """Returns sentences on how an object is now; one that is gone is said to be.

    Raises:
        KubeError: The API server could not be reached, or refused.
    """
    try:
        if kind == "pod":
            return list(_pod(await client.get(PODS, name, namespace)))
        if kind == "policy":
            return list(_policy(await client.get(POLICIES, name, namespace)))
        return list(_node(await client.get(NODE_FREQUENCIES, name)))
    except NotFound:
        return ["It is not there (any more)."]


def _pod(pod: Pod) -> Iterator[str]:
    yield f"{pod.status.phase or 'Pending'} on node {pod.spec.node_name or '(none yet)'}."
    explanation = pod.metadata.annotations.get(ANNOTATION_EXPLANATION)
    yield explanation or "The admission webhook has set nothing on it."


def _policy(policy: PowerCappingPolicy) -> Iterator[str]:
    update, status = policy.spec.update_policy, policy.status
    levers = f"with levers {', '.join(update.levers)}" if update.levers else "without levers"
    yield f"Mode {update.update_mode}, {levers}, priority {policy.spec.priority}."
    if status.recommendation is None:
        yield "Nobody has advised on it yet: is the recommender running?"
    else:
        yield f"Advice of {utc(status.last_updated)}: {status.recommendation.summary}"
        yield from _ceilings(status.recommendation)
    yield from _conditions(status.conditions)


def _ceilings(advice: Recommendation) -> Iterator[str]:
    rows = [f"{one.workload} {one.replicas} at {one.watts_per_replica:,} W each" for one in advice.replicas]
    if rows:
        budget = advice.replica_budget_watts
        room = f"; the cap leaves them {budget:,} W together" if budget is not None else ""
        yield f"Advised ceilings: {', '.join(rows)}{room}."


def _node(item: NodeFrequencies) -> Iterator[str]:
    budget = item.spec.power_budget
    granted = f"{budget.grant_watts:,} W granted by domain {budget.domain}" if budget else "no grant"
    heard = item.status.last_updated
    drew = f"Drew {item.status.draw_watts:,} W at {utc(heard)}" if heard else "Its agent has not reported yet"
    yield f"{drew}, {granted}."
    yield from _conditions(item.status.conditions)


def _conditions(conditions: list[Condition]) -> Iterator[str]:
    for one in conditions:
        answer = {"True": "yes", "False": "no"}.get(one.status, "unknown")
        text = f": {one.message}" if one.message else ""
        yield f"{one.type}? {answer} ({one.reason}){text}"
