"""Answers ``climatik plan``: from a cluster or a file to a table or JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from climatik.plan.figures import PlanFigures, figures
from climatik.plan.question import Question, SnapshotError, load, save
from climatik.plan.render import render
from climatik.plan.what_if import WhatIfError, changed
from common.api.names import API_VERSION
from recommender.planner.config import PlannerSettings, weights_of
from recommender.planner.plan import CapTooLowError
from recommender.planner.sources import Sources

_KINDS = (
    "/apis/apps/v1/deployments",
    "/api/v1/pods",
    f"/apis/{API_VERSION}/powercappingpolicies",
)
WEIGHTS = ("watts_per_usd_hour", "watts_per_gco2_hour")


def answer(arguments: argparse.Namespace) -> int:
    """Prints the plan and returns the exit status: 1 where nothing fits under a cap, 2 for wrong usage."""
    try:
        _answer(arguments)
    except (SnapshotError, WhatIfError) as error:
        sys.stderr.write(f"climatik: {error}\n")
        return 2
    except CapTooLowError as error:
        sys.stderr.write(f"climatik: {error}; raise the cap, or lower minReplicas of policies\n")
        return 1
    return 0


def _answer(arguments: argparse.Namespace) -> None:
    question = _question(arguments)
    given = {name: value for name in WEIGHTS if (value := getattr(arguments, name)) is not None}
    question = replace(question, weights=replace(question.weights, **given))
    if arguments.save:
        save(question, Path(arguments.save))
    other = changed(question, arguments.what_if)
    before = _figures(question)
    after = _figures(other) if arguments.what_if else None
    if arguments.json:
        print(json.dumps(_plain(before, after, arguments.what_if), indent=2))
    else:
        render(before, after, sys.stdout)


def _question(arguments: argparse.Namespace) -> Question:
    if not arguments.from_file:
        return asyncio.run(_read(arguments))
    kept = load(Path(arguments.from_file))
    services = tuple(one for one in kept.services if arguments.namespace in ("", one.key.namespace))
    return Question(services, arguments.cap or kept.cap_watts, kept.weights)


async def _read(arguments: argparse.Namespace) -> Question:
    """Reads what the cluster and Prometheus tell at this moment.

    Raises:
        KubeError: The API server refused, or could not be reached.
    """
    settings = PlannerSettings(kubeconfig=arguments.kubeconfig, prometheus_url=arguments.prometheus_url)
    sources = Sources(settings)
    async with AsyncExitStack() as stack:
        client, _ = await sources.open(stack)
        for path in _KINDS:  # watches wait for as long as it takes; this says at once what is wrong
            await client.request("GET", path, query={"limit": "1"})
        await sources.prepare(client, stack)
        keys = [key for key in sources.services() if arguments.namespace in ("", key.namespace)]
        states = [state for key in keys if (state := sources.state(key)) is not None]
    if sources.problem:
        text = "services are planned from nameplates, with no load known (--prometheus-url)"
        sys.stderr.write(f"climatik: {sources.problem}; {text}\n")
    return Question(tuple(states), arguments.cap, weights_of(settings))


def _figures(question: Question) -> PlanFigures:
    return figures(question.plan(PlannerSettings().exact_seconds), question.weights)


def _plain(before: PlanFigures, after: PlanFigures | None, changes: list[str]) -> dict[str, object]:
    if after is None:
        return before.to_plain()
    return {"what_if": changes, "before": before.to_plain(), "after": after.to_plain()}
