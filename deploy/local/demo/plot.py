"""The one plot of the demo: power against cap over time, stacked by workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.demo.physics import CapStep

COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#9d755d", "#bab0ac")


def draw(
    path: Path,
    seconds: Sequence[float],
    watts_by_workload: Mapping[str, Sequence[float]],
    caps: Sequence[CapStep],
    ready: float,
    caps_ended: float,
) -> bool:
    """Draws the plot as PNG at ``path``; returns False where matplotlib is not installed.

    ``seconds`` is the common time axis, on which caps held from ``ready`` to ``caps_ended``; each workload
    has one mean in watts per second of it.
    """
    try:
        import matplotlib  # noqa: PLC0415  (an extra: the demo runs without it)
    except ImportError:
        return False
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(10, 5), dpi=110)
    kilowatts = [[value / 1000 for value in series] for series in watts_by_workload.values()]
    axes.stackplot(seconds, *kilowatts, labels=list(watts_by_workload), colors=COLOURS, alpha=0.85)
    _draw_cap(axes, caps, min(caps_ended, seconds[-1]))
    axes.axvline(ready, color="grey", linestyle=":", linewidth=1)
    axes.annotate("loop ready", (ready, 0.2), rotation=90, fontsize=8, color="grey", ha="right")
    axes.set(xlabel="seconds", ylabel="kW (true draw, 1 s means)", xlim=(seconds[0], seconds[-1]))
    axes.set_ylim(0, max(step.cap_watts for step in caps) / 1000 * 1.35)
    axes.set_title("Power against cap: what the simulated devices really drew")
    axes.legend(loc="upper left", ncols=3, fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
    return True


def _draw_cap(axes: object, caps: Sequence[CapStep], end: float) -> None:
    times, values = [], []
    for index, step in enumerate(caps):
        until = caps[index + 1].since if index + 1 < len(caps) else end
        times += [step.since, until]
        values += [step.cap_watts / 1000] * 2
    axes.plot(times, values, color="#d62728", linewidth=2, label="cap")  # type: ignore[attr-defined]
