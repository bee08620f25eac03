"""The live table: watts against the cap, device settings, pods, and what was decided and why."""

from __future__ import annotations

from collections import Counter

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from common.api.core import Event
from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from deploy.local.demo.frame import Frame, confirmed

_EVENTS_SHOWN = 8
_BAR_CELLS = 40


def render(frame: Frame, headline: str) -> RenderableType:
    """Draws one frame for a terminal."""
    parts: list[RenderableType] = [Text(headline, style="bold"), _domains(frame), _nodes(frame)]
    parts += [_workloads(frame), Panel(_decisions(frame), title="decided, and why", title_align="left")]
    return Group(*parts)


def plain(frame: Frame, headline: str) -> str:
    """Draws one frame as a single line, for logs and for CI."""
    draw = sum(node.status.draw_watts for node in frame.nodes)
    domains = " ".join(
        f"{domain.name}:{_enforced(domain)[0]:,}W" for domain in frame.domains if domain.status.enforcement
    )
    running = sum(pod.status.phase == "Running" for pod in frame.pods)
    sure = sum(map(confirmed, frame.nodes))
    return (
        f"{headline} | draw {draw:,} W | caps {domains or '-'} | "
        f"{sure}/{len(frame.nodes)} grants confirmed | {running}/{len(frame.pods)} pods running"
    )


def _enforced(domain: PowerDomain) -> tuple[int, int]:
    enforcement = domain.status.enforcement
    return (enforcement.effective_cap_watts, enforcement.reserved_watts) if enforcement else (0, 0)


def _bar(watts: int, cap_watts: int) -> Text:
    filled = round(_BAR_CELLS * min(watts / cap_watts, 1)) if cap_watts else 0
    style = "green" if watts <= 0.9 * cap_watts else "yellow" if watts <= cap_watts else "red"
    return Text("█" * filled, style=style) + Text("░" * (_BAR_CELLS - filled), style="dim")


def _domains(frame: Frame) -> Table:
    table = Table("domain", "cap W", "reserved W", "draw W", "", box=None, pad_edge=False)
    for domain in frame.domains:
        cap, reserved = _enforced(domain)
        draw = domain.status.observed.power_watts if domain.status.observed else 0
        table.add_row(domain.name, f"{cap:,}", f"{reserved:,}", f"{draw:,}", _bar(draw, cap))
    return table


def _nodes(frame: Frame) -> Table:
    table = Table(
        "node", "grant W", "enforced W", "draw W", "GPU limits W", "devices", box=None, pad_edge=False
    )
    for node in frame.nodes:
        table.add_row(*_node_row(node))
    return table


def _node_row(node: NodeFrequencies) -> tuple[str, ...]:
    grant = node.spec.power_budget.grant_watts if node.spec.power_budget else 0
    enforced = node.status.power_budget.enforced_budget_watts if node.status.power_budget else 0
    limits = ", ".join(str(gpu.enforced_watts) for gpu in node.status.gpus)
    states = Counter(gpu.status for gpu in node.status.gpus) + Counter(cpu.status for cpu in node.status.cpus)
    summary = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    mark = "" if confirmed(node) else " …"
    return (node.name, f"{grant:,}{mark}", f"{enforced:,}", f"{node.status.draw_watts:,}", limits, summary)


def _workloads(frame: Frame) -> Table:
    table = Table("policy", "mode", "pods", "draw W", "cap W", "advice", box=None, pad_edge=False)
    for policy in frame.policies:
        power, advice = policy.status.current_power, policy.status.recommendation
        table.add_row(
            policy.name,
            policy.spec.update_policy.update_mode,
            str(power.pods if power else 0),
            f"{power.watts:,}" if power else "-",
            f"{policy.status.effective_cap_watts or 0:,}",
            advice.summary if advice else "(not yet)",
        )
    return table


def _decisions(frame: Frame) -> Text:
    return Text("\n".join(map(_event_line, frame.events[-_EVENTS_SHOWN:])) or "(nothing yet)")


def _event_line(event: Event) -> str:
    moment = (event.last_timestamp or "")[11:19]
    times = f" (x{event.count})" if event.count > 1 else ""
    about = f"{event.involved_object.kind}/{event.involved_object.name}"
    return f"{moment} {about} {event.reason}: {event.message}{times}"
