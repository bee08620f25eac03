"""The conditions of a policy, in words that name the field and the remedy."""

from __future__ import annotations

from collections.abc import Sequence

from common.api.meta import Condition
from common.api.names import ANNOTATION_PAUSE
from common.api.policy import MODE_INITIAL, MODE_OFF
from recommender.logic.advice import Settings
from recommender.logic.facts import PolicyFacts, Rival
from recommender.logic.staleness import source_conditions, stale_condition
from recommender.logic.text import counted, listed, percent, watts
from recommender.model.telemetry import TelemetryState

READY = "Ready"
WITHIN_CAP = "WithinCap"
ACTING = "Acting"
ALGORITHM_UNKNOWN = "AlgorithmUnknown"
CONFLICTING = "Conflicting"


def policy_conditions(facts: PolicyFacts, settings: Settings, telemetry: TelemetryState) -> list[Condition]:
    """Returns all conditions, without times."""
    nodes = {pod.node for pod in facts.pods}
    found = [_ready(facts), _within_cap(facts), _acting(facts), stale_condition(telemetry, nodes)]
    found += source_conditions(telemetry)
    if conflict := _conflict(facts, settings):
        found.append(Condition(type=CONFLICTING, status="True", reason=conflict[0], message=conflict[1]))
    if settings.problems:
        text = f"{'; '.join(settings.problems)}. Used instead: {', '.join(settings.algorithms)}"
        found.append(Condition(type=ALGORITHM_UNKNOWN, status="True", reason="NotUsable", message=text))
    return found


def failed_conditions(error: Exception) -> list[Condition]:
    """Returns the condition of a policy that could not be worked out at all."""
    text = (
        f"no advice could be worked out ({type(error).__name__}: {error}), and the last advice stays;"
        " the recommender's log has more"
    )
    return [Condition(type=READY, status="False", reason="Failed", message=text)]


def _ready(facts: PolicyFacts) -> Condition:
    if not facts.pods:
        text = f"spec.selector matches no running pod in namespace {facts.policy.namespace}"
        return Condition(type=READY, status="False", reason="NoPodsMatched", message=text)
    if facts.cap.watts is None:
        return Condition(type=READY, status="False", reason="NoCap", message=facts.cap.derivation)
    if not facts.measured:
        basis = "what was measured last" if facts.untold else "nameplates"
        text = f"none of {counted(len(facts.pods), 'pod')} is measured: advice rests on {basis}"
        return Condition(type=READY, status="True", reason="NameplateOnly", message=text)
    text = f"{facts.measured} of {counted(len(facts.pods), 'pod')} measured; cap from {facts.cap.derivation}"
    return Condition(type=READY, status="True", reason="Advising", message=text)


def _within_cap(facts: PolicyFacts) -> Condition:
    cap = facts.cap.watts
    if cap is None or (facts.pods and not facts.measured):
        text = "the cap is not known" if cap is None else "none of the pods is measured"
        return Condition(type=WITHIN_CAP, status="Unknown", reason="NotMeasured", message=text)
    drawn = f"{watts(facts.draw_watts)} of {watts(cap)} ({percent(facts.draw_watts, cap)})"
    besides = _not_measured(facts)
    if facts.draw_watts > cap:
        text = f"{drawn}: over the cap by {watts(facts.draw_watts - cap)}{besides}"
        return Condition(type=WITHIN_CAP, status="False", reason="OverCap", message=text)
    return Condition(type=WITHIN_CAP, status="True", reason="UnderCap", message=drawn + besides)


def _not_measured(facts: PolicyFacts) -> str:
    missing = len(facts.pods) - facts.measured
    verb = "is" if missing == 1 else "are"
    of = f"{missing} of {counted(len(facts.pods), 'pod')}"
    return f"; {of} {verb} not measured, and not in this sum" if missing else ""


def _acting(facts: PolicyFacts) -> Condition:
    policy = facts.policy.spec.update_policy
    if policy.update_mode == MODE_OFF:
        return _idle(
            "AdviseOnly",
            "updateMode is Off: nothing is changed; set spec.updatePolicy.updateMode: Auto and"
            " levers: [PowerLimit] to act",
        )
    if policy.update_mode == MODE_INITIAL:
        return _idle("AdmissionOnly", "updateMode is Initial: new pods are sized at admission, nothing else")
    if facts.policy.metadata.annotations.get(ANNOTATION_PAUSE) == "true":
        return _idle("Paused", f"annotation {ANNOTATION_PAUSE} is true: remove it to act")
    if not policy.levers:
        return _idle(
            "NoLever",
            "updateMode is Auto without a lever: name one in spec.updatePolicy.levers, as PowerLimit",
        )
    text = f"levers {', '.join(policy.levers)} may be used. {in_force(facts)}"
    return Condition(type=ACTING, status="True", reason="LeversAllowed", message=text)


def in_force(facts: PolicyFacts) -> str:
    """Says which limits the nodes' agents report on the policy's GPUs."""
    limited = [board.limit_watts for board in facts.boards if board.limit_watts]
    if not limited:
        return f"In force now: no limit on {counted(len(facts.boards), 'GPU')}"
    total = watts(sum(limited))
    return f"In force now: limits on {len(limited)} of {counted(len(facts.boards), 'GPU')}, {total} in all"


def _conflict(facts: PolicyFacts, settings: Settings) -> tuple[str, str] | None:
    """Returns reason and message where this policy's wishes cannot all be met."""
    spec, cap = facts.policy.spec, facts.cap.watts
    if spec.guaranteed_watts and cap is not None and spec.guaranteed_watts > cap:
        text = (
            f"spec.guaranteedWatts is {watts(spec.guaranteed_watts)}, more than the cap of {watts(cap)}:"
            " the cap counts; lower the guarantee or raise the cap"
        )
        return "GuaranteeOverCap", text
    if facts.crowding is not None:
        crowding = facts.crowding
        text = (
            f"{watts(crowding.guaranteed_watts)} are guaranteed by this and other policies in domain"
            f" {crowding.domain}, more than its cap of {watts(crowding.cap_watts)}: the cap counts, and by"
            " priority the last get less than spec.guaranteedWatts; lower guarantees or move pods elsewhere"
        )
        return "GuaranteesOverDomainCap", text
    if not facts.rivals:
        return None
    told = [
        f"{counted(len(rival.shared), 'GPU')} also under {rival.key}{_lower_there(rival, settings)}"
        for rival in facts.rivals
    ]
    remedy = "On a shared GPU the lowest limit counts; narrow a selector to part them"
    return "SharedGpus", f"{listed(told, 3)}. {remedy}"


def _lower_there(rival: Rival, settings: Settings) -> str:
    lower = [
        uuid for uuid, limit in rival.limits.items()
        if uuid in rival.shared and limit < settings.watts.get(uuid, limit + 1)
    ]  # fmt: skip
    return f" (whose limit is the lower one on {len(lower)})" if lower else ""


def _idle(reason: str, text: str) -> Condition:
    return Condition(type=ACTING, status="False", reason=reason, message=text)


__all__: Sequence[str] = ["failed_conditions", "in_force", "policy_conditions"]
