"""The advice as a person reads it: cap, draw, what is expected, what is advised and why."""

from __future__ import annotations

from msgspec import UnsetType

from common.api.policy import Comparison, ForecastPower, Recommendation, ReplicaAdvice
from recommender.logic.advice import Settings
from recommender.logic.boards import limited_watts
from recommender.logic.facts import PolicyFacts
from recommender.logic.text import counted, listed, percent, span, watts


def summarize(
    facts: PolicyFacts, settings: Settings, forecast: ForecastPower | None, replicas: list[ReplicaAdvice]
) -> str:
    """Returns a few sentences for ``status.recommendation.summary``."""
    parts = [_draw(facts), _expected(facts, forecast), _advised(facts, settings), _held(facts)]
    if replicas:
        ceilings = listed(f"{one.workload} to {one.replicas}" for one in replicas)
        parts.append(f"Limits alone cannot hold this cap: lower replicas of {ceilings}.")
    return " ".join(part for part in parts if part)


def compare(facts: PolicyFacts, settings: Settings, forecast: ForecastPower | None) -> Comparison | None:
    """Sets the advice taken against the advice not taken, by what may be drawn within the horizon."""
    if forecast is None:
        return None
    without = forecast.upper_bound_watts
    capped = limited_watts(facts.boards, settings.watts) + round(facts.host_watts)
    with_advice = min(without, capped) if settings.watts else without
    saved = without - with_advice
    text = (
        f"up to {watts(without)} within {_minutes(forecast)} if nothing is done, at most {watts(with_advice)}"
        f" with the advice: {watts(saved)} less"
        if saved > 0
        else f"up to {watts(without)} within {_minutes(forecast)}, with or without the advice"
    )
    return Comparison(with_advice_watts=with_advice, without_advice_watts=without, summary=text)


def omitted(total: Recommendation, most: int) -> str:
    """Says what is left out of the lists of a status, in sums."""
    parts = []
    if len(total.containers) > most:
        rest = total.containers[most:]
        target = sum(one.target * one.pods for one in rest)
        parts.append(f"{counted(len(rest), 'container')} more with targets of {watts(target)}")
    if len(total.nodes) > most:
        gpus = [gpu for node in total.nodes[most:] for gpu in node.gpus]
        limits = sum(gpu.watts or 0 for gpu in gpus)
        parts.append(
            f"{counted(len(total.nodes) - most, 'node')} more with {counted(len(gpus), 'GPU')},"
            f" {watts(limits)}"
        )
    return "; ".join(parts)


def _draw(facts: PolicyFacts) -> str:
    cap = facts.cap.watts
    if not facts.pods:
        return "No running pod is selected."
    if cap is None:
        return f"{counted(len(facts.pods), 'pod')} draw {watts(facts.draw_watts)}; there is no cap yet."
    if not facts.measured:
        return f"Cap {watts(cap)}; the draw of {counted(len(facts.pods), 'pod')} is not known."
    where = counted(len(facts.pods), "pod")
    if facts.measured < len(facts.pods):
        where = f"{facts.measured} of {where}"
    share = percent(facts.draw_watts, cap)
    need = (
        f", past the threshold of {facts.policy.spec.capping_threshold} %: capping is needed"
        if facts.required
        else ""
    )
    return f"Cap {watts(cap)}, draw {watts(facts.draw_watts)} ({share}) by {where}{need}."


def _expected(facts: PolicyFacts, forecast: ForecastPower | None) -> str:
    if forecast is None:
        return ""
    return (
        f"Expected within {_minutes(forecast)}: {watts(forecast.median_watts)},"
        f" at most {watts(forecast.upper_bound_watts)}{_breach(facts, forecast)}."
    )


def _breach(facts: PolicyFacts, forecast: ForecastPower) -> str:
    if facts.cap.watts is None:
        return ""
    probability = forecast.breach_probability_percent
    if isinstance(probability, UnsetType):
        return "; the history is too short to tell how likely the draw goes over the cap"
    return f"; {probability} % likely to go over the cap, not counting limits in force"


def _advised(facts: PolicyFacts, settings: Settings) -> str:
    by = f"({'; '.join([', '.join(settings.algorithms), *settings.notes])})"
    if settings.frequency:
        low, high = min(settings.frequency.values()), max(settings.frequency.values())
        clocks = f"{low:,} MHz" if low == high else f"{low:,} to {high:,} MHz"
        return f"Advised {by}: clocks of {counted(len(settings.frequency), 'GPU')} at most {clocks}."
    if settings.watts:
        limits = settings.watts.values()
        return (
            f"Advised {by}: limit {counted(len(limits), 'GPU')} to {span(min(limits), max(limits))} each,"
            f" {watts(sum(limits))} in all, because they could draw {watts(_full(facts))} at full power"
            f"{_besides(facts)}.{_floors(facts, settings)}"
        )
    if not facts.boards:
        return _no_boards(facts)
    if facts.cap.watts is None:
        return ""
    full = f"at full power the GPUs draw {watts(_full(facts))}{_besides(facts)}"
    if _full(facts) + facts.host_watts <= facts.cap.watts:
        return f"No limit is advised: {full}, which fits."
    return f"No limit is advised {by} while the draw is under the threshold: {full}, more than the cap."


def _floors(facts: PolicyFacts, settings: Settings) -> str:
    most = limited_watts(facts.boards, settings.watts)
    if most == sum(settings.watts.values()):
        return ""
    return f" No GPU obeys less than its lowest limit: these draw up to {watts(most)} all the same."


def _no_boards(facts: PolicyFacts) -> str:
    if not facts.measured:
        return ""  # the draw is not known, either: TelemetryStale says why
    if not any(pod.gpus for pod in facts.pods):
        return "These pods request no GPU: there is no device to limit."
    return "No GPU of these pods is known: a source with pod labels, as the DCGM exporter, is needed."


def _held(facts: PolicyFacts) -> str:
    if not facts.untold:
        return ""
    return (
        f"No limit is raised: nobody tells the GPUs of {facts.untold} of {counted(len(facts.pods), 'pod')}."
    )


def _full(facts: PolicyFacts) -> int:
    return sum(board.ceiling_watts for board in facts.boards)


def _besides(facts: PolicyFacts) -> str:
    return f" and the processors {watts(facts.host_watts)} besides" if round(facts.host_watts) else ""


def _minutes(forecast: ForecastPower) -> str:
    return f"{forecast.horizon_seconds // 60} min"
