"""The grid benchmark on made-up zones: its metrics, its honesty about the future, and its skips."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.grid import benchmark as grid
from benchmarks.registry import Skipped


def write(folder, zone, year, seed, days=100, gap=False):
    """Writes days of lasting weather, at the end of the first year and the start of the second."""
    random = np.random.default_rng(seed)
    start = datetime(year, 9, 1, tzinfo=UTC)
    noise = random.standard_normal(24 * days) * 0.1
    weather = 0.0
    carbon = ["datetime_utc,direct_gco2_per_kwh,lca_gco2_per_kwh"]
    price = ["datetime_utc,usd_per_mwh"]
    for hour in range(24 * days):
        weather = 0.95 * weather + noise[hour]
        value = 100 * np.exp(weather + 0.3 * np.sin(hour * np.pi / 12))
        time = start + timedelta(hours=hour)
        if gap and hour % 37 == 0:
            continue
        carbon.append(f"{time:%Y-%m-%d %H:%M:%S},{value:.2f},{value + 50:.2f}")
        price.append(f"{time.isoformat(sep=' ')},{value - 60}")
    by_year = {}
    for lines, signal in ((carbon, "carbon"), (price, "price")):
        for line in lines[1:]:
            by_year.setdefault((signal, line[:4]), [lines[0]]).append(line)
    for (signal, name), lines in by_year.items():
        (folder / f"{signal}_{zone}_{name}.csv").write_text("\n".join(lines) + "\n")


def measured(tmp_path):
    parser = ArgumentParser()
    grid.add_arguments(parser)
    arguments = parser.parse_args([])
    arguments.data = tmp_path
    return grid.run(arguments)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "grid"
    made.mkdir()
    return made


NAMED = (
    "carbon_mape_percent", "carbon_persistence_mape_percent", "price_mae_ratio", "price_captured_percent",
    "carbon_captured_percent", "deadlines_missed",
)  # fmt: skip


def test_means_and_zones_are_told_for_whatever_zones_lie_there(folder, tmp_path):
    write(folder, "XX-ONE", 2030, 1, days=150)
    write(folder, "YY", 2030, 2, days=150, gap=True)
    metrics = measured(tmp_path)
    assert set(NAMED) <= set(metrics)
    assert metrics["carbon_zones"] == 2
    assert metrics["deadlines_missed"] == 0
    zones = [metrics["xx_one_price_mae_ratio"], metrics["yy_price_mae_ratio"]]
    assert metrics["price_mae_ratio"] == pytest.approx(sum(zones) / 2)
    assert metrics["carbon_mape_percent"] < metrics["carbon_persistence_mape_percent"]


def test_a_zone_without_enough_history_is_left_out(folder, tmp_path):
    write(folder, "LONG", 2030, 1, days=150)
    write(folder, "SHORT", 2031, 2, days=50)
    assert measured(tmp_path)["carbon_zones"] == 1


def test_no_zone_at_all_is_a_skip_that_names_the_files(folder, tmp_path):
    write(folder, "SHORT", 2031, 2, days=50)
    with pytest.raises(Skipped, match="carbon_<zone>_<year>"):
        measured(tmp_path)
