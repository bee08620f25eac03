"""What the doctor says, for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from climatik.doctor.facts import Facts
from climatik.doctor.finding import Finding
from climatik.doctor.questions import KEPLER_NODES, PRESENT
from common.telemetry.detect import spoken
from common.telemetry.dialects import DIALECTS
from recommender.logic.text import counted

EXIT_CLEAN, EXIT_FINDINGS, EXIT_COULD_NOT_LOOK = 0, 1, 2


def exit_status(findings: Sequence[Finding]) -> int:
    """Returns 0 where nothing is wrong, 1 otherwise."""
    return EXIT_FINDINGS if findings else EXIT_CLEAN


def sources(facts: Facts) -> list[str]:
    """Returns the sources that were found, best first, and of Kepler the zones."""
    present = frozenset(row.labels["__name__"] for row in facts.rows(PRESENT))
    zones = sorted({row.labels.get("zone", "") for row in facts.rows(KEPLER_NODES)})
    names = [dialect.name for dialect in spoken(present, DIALECTS)]
    return [f"{name} (zones: {', '.join(zones)})" if name == "kepler" and zones else name for name in names]


def to_plain(facts: Facts, findings: Sequence[Finding]) -> dict[str, Any]:
    """Returns the report for ``--json``."""
    return {
        "sources": sources(facts),
        "findings": [asdict(finding) for finding in findings],
        "problems": list(facts.problems),
    }


def to_text(facts: Facts, findings: Sequence[Finding]) -> str:
    """Returns the report for people."""
    lines = [f"sources: {', '.join(sources(facts)) or 'none'}"]
    lines += [f"note: {problem}" for problem in facts.problems]
    for each in findings:
        lines += [f"{each.severity}: {each.id}", f"  seen: {each.seen}", f"  do:   {each.remedy}"]
    lines.append(counted(len(findings), "finding") if findings else "nothing is wrong")
    return "\n".join(lines)
