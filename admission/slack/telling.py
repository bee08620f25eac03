"""Status and explanation of an object as text for Slack. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import UNSET

from common.alerts.slack_text import cut, escape, moment
from common.api.approval import approval_of
from common.api.decisions import Decision, Record
from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from common.api.meta import Condition, KubeObject, object_key
from common.api.policy import PowerCappingPolicy

_LISTED: Final = 25
_DECISIONS: Final = 5


def status_of_all(policies: Iterable[PowerCappingPolicy], domains: Iterable[PowerDomain]) -> str:
    """Returns a line for each domain and policy, those that need capping first."""
    lines = [_domain_line(domain) for domain in sorted(domains, key=lambda each: each.name)]
    ordered = sorted(policies, key=lambda each: (not each.status.capping_action_required, each.key))
    lines += [_policy_line(policy) for policy in ordered]
    if len(lines) > _LISTED:
        lines = [*lines[:_LISTED], f"… and {len(lines) - _LISTED} more: /climatik status NAMESPACE/POLICY"]
    return "\n".join(lines) or "There is neither a PowerCappingPolicy nor a PowerDomain."


def status_of(policy: PowerCappingPolicy) -> str:
    """Returns the status of one policy."""
    update, status = policy.spec.update_policy, policy.status
    lines = [
        _policy_line(policy),
        f"*Mode* {update.update_mode}, levers {', '.join(update.levers) or 'none'}",
    ]
    approval = approval_of(policy)
    if approval is not None:
        lines.append(f"*Approved* by {escape(approval.by)} until {moment(escape(approval.until))}")
    forecast = status.forecast_power
    if forecast is not None:
        percent = forecast.breach_probability_percent
        risk = "" if percent is UNSET else f", breach {percent} %"
        lines.append(
            f"*Expected* {forecast.median_watts:,} W, at most {forecast.upper_bound_watts:,} W within"
            f" {forecast.horizon_seconds} s{risk}"
        )
    if status.recommendation is not None and status.recommendation.summary:
        lines.append(f"*We advise* {escape(cut(status.recommendation.summary))}")
    return "\n".join(lines)


def explanation(item: KubeObject, record: Record) -> str:
    """Returns why an object is as it is: its conditions, and the latest decisions about it."""
    lines = [f"*{escape(item.key)}*", *_facts(item)]
    decisions = [each for each in record.decisions if _concerns(each, item)]
    lines += [_decision(each) for each in decisions[-_DECISIONS:]]
    if not decisions:
        lines.append("The actuator has no decision about it on record.")
    return "\n".join(lines)


def _facts(item: KubeObject) -> Iterator[str]:
    if isinstance(item, PowerCappingPolicy):
        yield status_of(item)
    if isinstance(item, PowerDomain):
        yield _domain_line(item)
    if isinstance(item, PowerCappingPolicy | PowerDomain | NodeFrequencies):
        for condition in item.status.conditions:
            yield _condition(condition)


def _condition(condition: Condition) -> str:
    return f"• {condition.type} is {condition.status}, {condition.reason}: {escape(cut(condition.message))}"


def _concerns(one: Decision, item: KubeObject) -> bool:
    if isinstance(item, PowerCappingPolicy):
        return one.policy == item.key or one.subject == f"policy/{item.key}"
    if isinstance(item, PowerDomain):
        return one.domain == item.name or one.subject == f"domain/{item.name}"
    return one.node == item.name or one.subject == f"node/{item.name}"


def _decision(one: Decision) -> str:
    what = f" {one.target}" if one.target else ""
    return escape(
        cut(
            f"{moment(one.at)} {one.rung}{what}: {one.verdict} ({one.reason}), as {one.subject} drew"
            f" {one.draw_watts:,} W of {one.cap_watts:,} W. {one.message}"
        )
    )


def _policy_line(policy: PowerCappingPolicy) -> str:
    status = policy.status
    drawn = f"{status.current_power.watts:,} W" if status.current_power else "not measured"
    cap = f" of {status.effective_cap_watts:,} W" if status.effective_cap_watts else ""
    needed = ", *capping required*" if status.capping_action_required else ""
    return f"{escape(object_key(policy.name, policy.namespace))}: {drawn}{cap}{needed}"


def _domain_line(domain: PowerDomain) -> str:
    observed, enforcement = domain.status.observed, domain.status.enforcement
    drawn = f"{observed.power_watts:,} W" if observed else "not measured"
    cap = enforcement.effective_cap_watts if enforcement else domain.spec.cap_watts
    of = f" of {cap:,} W" if cap else ""
    return f"PowerDomain {escape(domain.name)}: {drawn}{of}, mode {domain.spec.update_policy.update_mode}"
