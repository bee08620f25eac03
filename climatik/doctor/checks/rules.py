"""Rules that add up what overlaps or repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator

from climatik.doctor.facts import Facts
from climatik.doctor.finding import Finding, some
from climatik.doctor.questions import BOARDS, KEPLER_NODES

_SUMS = re.compile(r"\b(sum|avg)\b|\bsum_over_time\b")
_ZONED = re.compile(
    r"kepler_(?:node|pod|container|vm|process)_cpu_(?:active_|idle_)?(?:watts|joules_total)\b(\{[^}]*\})?"
)
_BY_ZONE = re.compile(r"\bby\s*\([^)]*\bzone\b")
_BOARD = re.compile(r"DCGM_FI_DEV_(?:POWER_USAGE|BOARD_POWER(?:_RAW)?_WATTS|TOTAL_ENERGY_CONSUMPTION)")
_ONCE_A_BOARD = re.compile(
    r"\b(max|min|avg)\s*(by\s*\([^)]*\bUUID\b|\([^()]*(\([^()]*\)[^()]*)*\)\s*by\s*\([^)]*\bUUID\b)"
)


def zones_summed(facts: Facts) -> Iterator[Finding]:
    """A sum over Kepler's zones counts a core's watts in core, in package and in psys."""
    zones = sorted({row.labels.get("zone", "") for row in facts.rows(KEPLER_NODES)})
    names = sorted({rule.name for rule in facts.rules or () if _sums_zones(rule.expression)})
    if names and len(zones) > 1:
        yield Finding(
            "kepler-zones-summed",
            "error",
            f"rules add up overlapping zones ({', '.join(zones)}): {some(names)}",
            'take one zone in the rule: zone="package"; climatik itself reads one zone a node',
        )


def boards_summed(facts: Facts) -> Iterator[Finding]:
    """A sum over rows counts a board once for each of its MIG instances or of the pods that share it."""
    rows: dict[str, int] = {}
    for row in facts.rows(BOARDS):
        key = f"{row.labels.get('__name__', '')} {row.labels.get('UUID', '')}"
        rows[key] = rows.get(key, 0) + 1
    most = max(rows.values(), default=0)
    names = sorted({rule.name for rule in facts.rules or () if _sums_boards(rule.expression)})
    if names and most > 1:
        yield Finding(
            "mig-double-count",
            "error",
            f"a board's watts are repeated in up to {most} rows (MIG or shared), and rules add them up:"
            f" {some(names)}",
            "take each board once: sum(max by (UUID) (...)); climatik itself does so",
        )


def _sums_zones(expression: str) -> bool:
    if not _SUMS.search(expression) or _BY_ZONE.search(expression):
        return False
    return any("zone" not in (matcher or "") for matcher in _ZONED.findall(expression))


def _sums_boards(expression: str) -> bool:
    summed = _SUMS.search(expression) and _BOARD.search(expression)
    return bool(summed) and not _ONCE_A_BOARD.search(expression)
