"""etcd is restored from an old backup under agents and hardware that do not go back in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from . import backup
from .site import DOMAIN, Gauge, Site

CAP = 13_000
BACKED_UP = {"alpha": 4200, "bravo": 2600, "charlie": 3200}
SINCE = {"alpha": 2600, "bravo": 4200, "charlie": 3200, "delta": 3000}
TEMPTING = {"alpha": 4600, "bravo": 2600, "charlie": 3200, "delta": 2600}
AFTERWARDS = {"alpha": 2600, "bravo": 2600, "charlie": 4400, "delta": 3400}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path)
    try:
        found.start()
        yield found
    finally:
        found.stop()


def test_the_cap_holds_and_grants_come_back(site: Site, tmp_path: Path) -> None:
    """Since the backup watts went from alpha to bravo, and delta joined; bravo's agent hangs."""
    file = tmp_path / "backup.db"
    site.make_domain(CAP, minimum_watts=10_000)
    site.join("alpha", "bravo", "charlie")
    site.plan(BACKED_UP)
    site.until(lambda: site.are_granted(BACKED_UP), "the grants of before")
    backup.save(site.cluster, file)
    site.join("delta")
    site.plan(SINCE)
    site.until(lambda: site.are_granted(SINCE), "the grants since")
    newest = {name: site.budget(name)["sequence"] for name in SINCE}
    with Gauge(site.socket) as gauge:
        _restore(site, file)
        site.plan(TEMPTING)
        site.until(lambda: site.reason("alpha") == "UntrustedGrant", "alpha's doubt")
        assert "delta" not in site.objects()
        _note_and_lead(site)
        # A node that cannot be heard keeps what it has, and is booked in full; nobody may have it meanwhile.
        site.until(lambda: _is_written_anew(site, newest), "budgets of after the restore")
        silent = site.budget("bravo")
        assert silent["reservedWatts"] >= SINCE["bravo"]
        assert silent["grantWatts"] == silent["baseWatts"]
        assert site.budget("alpha")["grantWatts"] < TEMPTING["alpha"]
        site.thaw("bravo")
        site.until(lambda: site.are_granted(TEMPTING), "the grants after all have confirmed")
        site.plan(AFTERWARDS)
        site.until(lambda: site.are_granted(AFTERWARDS), "a cut and a raise")
        assert gauge.highest_watts <= CAP
        assert len(gauge.samples) > 100


def _restore(site: Site, file: Path) -> None:
    """The outage: the control plane is stopped, and comes up again as it was when the backup was taken."""
    site.stop_process("actuator")
    site.freeze("bravo")
    with site.cluster.outage():
        backup.bring_back(site.cluster, file)


def _note_and_lead(site: Site) -> None:
    """What the operator's page says to do before the actuator runs again."""
    site.join("alpha", "bravo", "charlie", "delta")
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    site.cluster.kubectl("annotate", "pd", DOMAIN, "--overwrite", f"climatik.io/restored-at={moment}")
    site.start_process("actuator")


def _is_written_anew(site: Site, newest: dict[str, int]) -> bool:
    objects = site.objects()
    budgets = {name: objects.get(name, {}).get("spec", {}).get("powerBudget") for name in newest}
    confirmed = {
        name: objects.get(name, {}).get("status", {}).get("powerBudget", {}).get("sequence", 0)
        for name in newest
    }
    return all(
        budget is not None
        and budget["sequence"] > newest[name]
        and (name == "bravo" or confirmed[name] == budget["sequence"])
        for name, budget in budgets.items()
    )
