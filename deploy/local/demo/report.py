"""The end of the demo: the figures and the plot on disk, and what is printed about them."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from deploy.local.demo import plot, record
from deploy.local.demo.objects import NAMESPACE, POLICY
from deploy.local.demo.physics import CapStep
from deploy.local.demo.scenario import Course
from deploy.local.demo.summary import Summary, failures, summarise
from deploy.local.stack import Stack

FOLDER = Path(__file__).resolve().parents[3] / "build" / "demo"
_FIGURES = FOLDER / "summary.json"
_PLOT = FOLDER / "power.png"


def write(course: Course, stack: Stack, *, given_back: bool) -> Summary:
    """Writes ``summary.json`` and the plot; returns the figures.

    Where nothing was given back yet, ``devices_restored`` is left out.
    """
    version = json.loads(stack.cluster.kubectl("get", "--raw", "/version"))["gitVersion"]
    summary = summarise(course, stack.records, len(stack.nodes), version)
    if not given_back:
        del summary["devices_restored"]
    _FIGURES.write_text(json.dumps(summary, indent=2) + "\n")
    _draw(course, stack.records)
    return summary


def show(console: Console, course: Course, summary: Summary) -> None:
    """Prints what ``kubectl describe`` said of the policy, the figures, and what is not as it should be."""
    console.rule(f"kubectl describe pcp {POLICY}")
    console.print(course.description, highlight=False, markup=False, soft_wrap=True)
    console.rule("figures")
    for name, value in summary.items():
        console.print(f"{name:40} {value}", highlight=False)
    for text in failures(summary):
        console.print(f"NOT AS IT SHOULD BE: {text}", style="bold red")


def say_where(console: Console) -> None:
    """Names the files that stay when everything has been stopped."""
    _name_files(console)
    _line(console, "Everything was stopped. To look around with kubectl: KEEP=1 make demo")


def say_how_to_look_around(console: Console, kubeconfig: Path) -> None:
    """Tells how to reach the cluster that stays up."""
    _name_files(console)
    _line(console, f"export KUBECONFIG={kubeconfig}")
    _line(console, f"kubectl get power -A; kubectl describe pcp -n {NAMESPACE} {POLICY}")
    _line(console, "It stays up until: make demo-down")


def _name_files(console: Console) -> None:
    console.rule("where to look")
    _line(console, f"figures    {_FIGURES}")
    if _PLOT.exists():
        _line(console, f"plot       {_PLOT}")
    _line(console, f"logs       {FOLDER / 'logs'}")


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _draw(course: Course, records: Path) -> None:
    seconds, series = record.read_seconds(records)
    start = seconds[0]
    caps = [CapStep(step.since - start, step.cap_watts) for step in course.caps]
    relative = [second - start for second in seconds]
    plot.draw(_PLOT, relative, series, caps, course.ready - start, course.caps_ended - start)
