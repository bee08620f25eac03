"""``climatik algorithms backtest``: the same recorded load under every algorithm, ranked."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

if TYPE_CHECKING:
    from common.replay.backtest import Entrant, Standing
    from common.replay.scenario import Scenario

EXPLANATION = """\
Replays recorded requests on simulated servers of 8 A100 under one cap, once for each algorithm, and ranks
them. Nothing of a cluster is read or changed. All algorithms get the same load and see what they would see in
production, as late as they would; every figure is the median over the seeds, with its range.

Half of the servers serve high priority, half low. The load is such that as many servers as the cap was
provisioned for peak at 79 % of it; --servers is how many share it now. Objectives: no interval over 10 s
above the cap, high priority at most 1 % (median) and 5 % (99th percentile) slower than without limits, and
97 % of low priority's tokens. First come those who meet them in most replays; then fewer watt-seconds over
the cap, then high priority's tail, then cost.

`no control` limits nothing. `water-filling + promise` divides the threshold that statistics derive instead of
the cap, so that limits may sum to more than it: how far rows can be oversubscribed. `polca` is given the slow
out-of-band path and the brake that it was published with; all others decide every 5 s, in force 0.2 s later.
Algorithms of installed packages take part, in a process of their own.
"""
EXAMPLES = """\
examples:
  climatik algorithms backtest                                      everybody, on a made-up load
  climatik algorithms backtest --data recordings --servers 54       on recordings, 35 % more servers
  climatik algorithms backtest polca polca:first-threshold=85       one law with two settings
  climatik algorithms backtest --seeds 5 --json > ranking.json      for scripts

recordings (--data): load/azure*.csv (TIMESTAMP,ContextTokens,GeneratedTokens; Azure/AzurePublicDataset),
llm/sageserve_perf_model.csv (shashwatj07/SageServe), node_power/*.csv (second,watts; mlcommons results)
"""
_COLUMNS = {
    "overload_watt_seconds": ("over cap kW·s", 1e-3, 1),
    "longest_overload_seconds": ("longest s", 1.0, 0),
    "peak_percent": ("peak %", 1.0, 1),
    "high_p50_percent": ("high p50 +%", 1.0, 2),
    "high_p99_percent": ("high p99 +%", 1.0, 2),
    "low_p50_percent": ("low p50 +%", 1.0, 1),
    "low_throughput_percent": ("low tokens %", 1.0, 2),
    "tokens": ("Mtokens", 1e-6, 2),
    "megajoules": ("MJ", 1.0, 0),
    "cost_per_million_tokens": ("cost/Mtoken", 1.0, 3),
    "actions": ("actions", 1.0, 0),
}
_PIPE_WIDTH = 240


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares who takes part, on what, and how the answer looks."""
    parser.add_argument(
        "entrants", nargs="*", metavar="NAME[:PARAMETER=VALUE,…]", help="algorithms (default: all known)"
    )
    parser.add_argument("--data", type=Path, default=None, help="folder of recordings (default: made up)")
    parser.add_argument("--model", default="bloom-176b", help="model of the recorded profile")
    parser.add_argument("--servers", type=int, default=52, help="in the row (default: 52)")
    parser.add_argument("--provisioned", type=int, default=40, help="servers the cap was made for (40)")
    parser.add_argument("--minutes", type=float, default=20.0, help="of load (default: 20)")
    parser.add_argument("--seeds", type=int, default=3, help="loads that are tried (default: 3)")
    parser.add_argument("--price", type=float, default=0.12, help="of a kWh, in your currency (0.12)")
    parser.add_argument("--json", action="store_true", help="the ranking for scripts")


def run_backtest(arguments: argparse.Namespace) -> int:
    """Replays and prints.

    Raises:
        AlgorithmError: An entrant is unknown, or its parameters are wrong.
    """
    from common.replay.backtest import backtest, check_entrants, everybody  # noqa: PLC0415 - other commands need no numpy
    from common.replay.scenario import calibrate  # noqa: PLC0415

    if problem := _problem(arguments):
        sys.stderr.write(f"climatik: {problem}\n")
        return 2
    entrants = [_entrant(text) for text in arguments.entrants] or everybody()
    seeds = range(1, arguments.seeds + 1)
    scenario = _scenario(arguments)
    check_entrants(scenario, entrants)
    scenario = calibrate(scenario, seeds)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("replaying", total=len(seeds) * len(entrants))
        standings = backtest(
            scenario, arguments.servers, seeds, entrants, price_per_kilowatt_hour=arguments.price,
            progress=lambda label, seed: bar.update(task, advance=1, description=f"{label}, seed {seed}"),
        )  # fmt: skip
    print_standings(standings, as_json=arguments.json)
    return 0


def _problem(arguments: argparse.Namespace) -> str:
    if arguments.seeds < 1 or arguments.provisioned < 2:
        return "--seeds must be at least 1 and --provisioned at least 2"
    if arguments.servers < 2:
        return "--servers must be at least 2: one of each priority"
    if arguments.minutes <= 2:
        return "--minutes must be over 2: the first one is not judged"
    if arguments.data is not None and not (arguments.data / "load").is_dir():
        return f"--data: no folder load under {arguments.data}; leave --data out for a made-up load"
    return ""


def _entrant(text: str) -> Entrant:
    from common.algorithms.errors import BadParameterError  # noqa: PLC0415
    from common.replay.backtest import Entrant  # noqa: PLC0415

    name, _, settings = text.partition(":")
    pairs = [part.partition("=") for part in settings.split(",") if part]
    for parameter, sign, _ in pairs:
        if not sign:
            raise BadParameterError(f"{text}: write {name}:{parameter}=VALUE")
    return Entrant(name, {parameter: value for parameter, _, value in pairs})


def _scenario(arguments: argparse.Namespace) -> Scenario:
    from common.replay.load import LoadShape  # noqa: PLC0415
    from common.replay.recorded import read_profile, read_ramp, read_trace  # noqa: PLC0415
    from common.replay.scenario import Scenario  # noqa: PLC0415
    from common.replay.synthetic import synthetic_scenario  # noqa: PLC0415

    if arguments.data is None:
        return replace(synthetic_scenario(arguments.minutes), provisioned=arguments.provisioned)
    return Scenario(
        trace=read_trace(arguments.data).first(60.0 * arguments.minutes),
        profile=read_profile(arguments.data, arguments.model),
        ramp=read_ramp(arguments.data),
        shape=LoadShape(requests_per_second=0.15),
        provisioned=arguments.provisioned,
    )


def print_standings(standings: list[Standing], *, as_json: bool) -> None:
    """Prints the ranking, best first."""
    if as_json:
        print(json.dumps([asdict(standing) for standing in standings], indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    table = Table(box=None, header_style="bold")
    table.add_column("algorithm")
    table.add_column("met", justify="right")
    for title, _, _ in _COLUMNS.values():
        table.add_column(title, justify="right")
    for standing in standings:
        table.add_row(*_cells(standing))
    console.print(table)
    for standing in standings:
        if standing.failures:
            console.print(f"{standing.label}: {standing.failures} plans failed, the last: {standing.failure}")


def _cells(standing: Standing) -> list[str]:
    cells = [standing.label, f"{standing.acceptable}/{standing.replays}"]
    for name, (_, scale, digits) in _COLUMNS.items():
        spread = standing.figures[name]
        values = [f"{scale * value:.{digits}f}" for value in (spread.median, spread.least, spread.most)]
        cells.append(values[0] if values[1] == values[2] else f"{values[0]} ({values[1]}…{values[2]})")
    return cells
