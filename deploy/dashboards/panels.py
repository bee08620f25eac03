"""What the dashboards show: one table of panels for each, in the order in which people read."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One query of a panel; `legend` names each series with its labels in double braces."""

    query: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """One graph: what it shows, in which unit (Grafana's name), and how to read it."""

    title: str
    description: str
    lines: Sequence[Line]
    unit: str = "watt"
    stacked: bool = False


@dataclass(frozen=True)
class Dashboard:
    """A page of Grafana; `identity` is its uid, by which links find it again."""

    identity: str
    title: str
    panels: Sequence[Panel]
    variables: Sequence[tuple[str, str]] = ()
    """Names with the query of their values."""


def _quantile(share: float, histogram: str, window: str, legend: str) -> Line:
    return Line(f"histogram_quantile({share:g}, sum by (le) (rate({histogram}_bucket[{window}])))", legend)


POWER = Dashboard(
    "climatik-power",
    "climatik: power under caps",
    variables=(("domain", "label_values(climatik_domain_watts, domain)"),),
    panels=(
        Panel(
            "Draw, forecast and cap",
            "The draw must stay under the cap; within the horizon it stays under the bound with 99 %.",
            (
                Line('climatik_domain_watts{domain=~"$domain"}', "{{domain}} draw"),
                Line('climatik_domain_expected_watts{domain=~"$domain"}', "{{domain}} upper bound"),
                Line('climatik_actuator_effective_cap_watts{domain=~"$domain"}', "{{domain}} cap"),
            ),
        ),
        Panel(
            "Books",
            "Reserved never exceeds the cap: what nodes are booked at until they confirm a lower grant.",
            (
                Line('climatik_actuator_reserved_watts{domain=~"$domain"}', "{{domain}} reserved"),
                Line('climatik_actuator_granted_watts{domain=~"$domain"}', "{{domain}} granted"),
                Line('climatik_actuator_effective_cap_watts{domain=~"$domain"}', "{{domain}} cap"),
            ),
        ),
        Panel(
            "Headroom",
            "Watts between draw and cap; what is reserved and not drawn can be given to others.",
            (
                Line(
                    'climatik_actuator_effective_cap_watts{domain=~"$domain"} '
                    "- on(domain) climatik_domain_watts",
                    "{{domain}} under the cap",
                ),
                Line(
                    'climatik_actuator_reserved_watts{domain=~"$domain"} - on(domain) climatik_domain_watts',
                    "{{domain}} reserved, not drawn",
                ),
            ),
        ),
        Panel(
            "Whose watts",
            "Where the draw goes: pods, idle devices, what no meter attributes, nodes at nameplate.",
            (Line('climatik_domain_attributed_watts{domain=~"$domain"}', "{{domain}} {{part}}"),),
            stacked=True,
        ),
        Panel(
            "Policies: draw and cap",
            "The draw of the pods of each policy, wherever they run.",
            (
                Line("climatik_policy_watts", "{{namespace}}/{{policy}} draw"),
                Line("climatik_policy_cap_watts", "{{namespace}}/{{policy}} cap"),
            ),
        ),
        Panel(
            "Energy per token",
            "Joules for each generated token, by service, where vLLM's metrics are scraped.",
            (Line("climatik_service_joules_per_token", "{{namespace}}/{{workload}} {{model}}"),),
            unit="joule",
        ),
    ),
)

NODES = Dashboard(
    "climatik-nodes",
    "climatik: nodes",
    variables=(("node", "label_values(climatik_node_watts, node)"),),
    panels=(
        Panel(
            "Draw and budget",
            "The guard keeps the draw within the budget, which moves with grants and cuts.",
            (
                Line('climatik_node_watts{node=~"$node"}', "{{node}} draw"),
                Line('climatik_node_budget_watts{node=~"$node"}', "{{node}} budget"),
                Line('climatik_node_enforced_budget_watts{node=~"$node"}', "{{node}} enforced"),
            ),
        ),
        Panel(
            "GPUs",
            "Draw of each GPU.",
            (Line('climatik_node_gpu_watts{node=~"$node"}', "{{node}} {{gpu}}"),),
        ),
        Panel(
            "Energy over the budget",
            "Watt-seconds above the budget, each minute. Anything but short spikes needs a look.",
            (
                Line(
                    'increase(climatik_node_over_budget_watt_seconds_total{node=~"$node"}[1m])',
                    "{{node}}",
                ),
            ),
            unit="joule",
        ),
        Panel(
            "Guard: overload to written limit",
            "Should stay under one second at the 99th percentile.",
            (
                Line(
                    "histogram_quantile(0.99, sum by (node, le) "
                    '(rate(climatik_node_guard_latency_seconds_bucket{node=~"$node"}[5m])))',
                    "{{node}} p99",
                ),
            ),
            unit="s",
        ),
        Panel(
            "The rest of the node",
            "What no device meter sees, and the bound that the budget is divided with.",
            (
                Line('climatik_node_rest_watts{node=~"$node"}', "{{node}} rest"),
                Line('climatik_node_rest_bound_watts{node=~"$node"}', "{{node}} bound"),
            ),
        ),
        Panel(
            "Lease left",
            "At zero a node falls to its base: the actuator's heartbeat does not arrive.",
            (Line('climatik_node_lease_left_seconds{node=~"$node"}', "{{node}}"),),
            unit="s",
        ),
    ),
)

DECISIONS = Dashboard(
    "climatik-decisions",
    "climatik: decisions",
    panels=(
        Panel(
            "Subjects over their cap",
            "Breaches that the ladder is at work on.",
            (Line("climatik_actuator_breaches", "{{kind}}"),),
            unit="short",
        ),
        Panel(
            "Actions",
            "What was done, by rung and how it ended, each minute.",
            (
                Line(
                    "sum by (rung, result) (increase(climatik_actuator_actions_total[1m]))",
                    "{{rung}} {{result}}",
                ),
            ),
            unit="short",
        ),
        Panel(
            "Refusals",
            "What the gate refused and why; docs/operator/ladder.md has the remedy for each reason.",
            (Line("sum by (reason) (increase(climatik_actuator_refusals_total[10m]))", "{{reason}}"),),
            unit="short",
        ),
        Panel(
            "Breach to action",
            "From the start of a breach to the first action that stops pods; 30 s is the aim.",
            (_quantile(0.99, "climatik_actuator_action_delay_seconds", "30m", "p99"),),
            unit="s",
        ),
        Panel(
            "Planner: answers",
            "Plans by status code; anything but OK says why in its message.",
            (
                Line(
                    "sum by (method, code) (rate(climatik_planner_answers_total[5m]))", "{{method}} {{code}}"
                ),
            ),
            unit="reqps",
        ),
        Panel(
            "Planner: time to plan",
            "From request to plan, waiting included.",
            (_quantile(0.99, "climatik_planner_plan_seconds", "5m", "p99"),),
            unit="s",
        ),
        Panel(
            "Planner: planned and present replicas",
            "They meet once ceilings are lowered and pods are gone; a gap that stays waits for watts.",
            (
                Line(
                    'sum by (namespace, deployment, state) (climatik_planner_replicas{state="planned"})',
                    "{{namespace}}/{{deployment}} planned",
                ),
                Line(
                    'sum by (namespace, deployment, state) (climatik_planner_replicas{state="present"})',
                    "{{namespace}}/{{deployment}} present",
                ),
            ),
            unit="none",
        ),
        Panel(
            "Planner: value of one more watt",
            "Tokens per second that another watt would serve there; 0 where all load is served.",
            (Line("climatik_planner_marginal_watt_value", "{{namespace}}/{{deployment}}"),),
            unit="none",
        ),
        Panel(
            "Webhook: requests",
            "New pods by what became of them; the pod is created whatever the result.",
            (
                Line(
                    "sum by (result) (rate(climatik_admission_requests_total[5m]))",
                    "{{result}}",
                ),
            ),
            unit="reqps",
        ),
        Panel(
            "Errors of the models",
            "Median of |measured - predicted| / measured; 0.1 is ten percent.",
            (
                _quantile(0.5, "climatik_recommender_forecast_error_ratio", "1h", "forecast of draw"),
                _quantile(0.5, "climatik_recommender_power_model_error_ratio", "1h", "watts of a replica"),
                _quantile(0.5, "climatik_recommender_slowdown_error_ratio", "1h", "slowdown under a limit"),
            ),
            unit="percentunit",
        ),
        Panel(
            "Skill of the forecasts",
            "One minus error over the error of the baseline; under zero the baseline would be better.",
            (
                Line(
                    "avg by (series, horizon, baseline) (climatik_recommender_forecast_skill_ratio)",
                    "{{series}} {{horizon}} against {{baseline}}",
                ),
            ),
            unit="percentunit",
        ),
    ),
)

DASHBOARDS = (POWER, NODES, DECISIONS)
