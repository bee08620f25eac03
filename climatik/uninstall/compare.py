"""The proof: what was ours before against what is there now (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from climatik.uninstall.traces import Found, Trace, name_of, traces, value_at

GIVEN_BACK = "given back"
STILL_THERE = "still there"
DIFFERS = "differs from the original"
STAYS = "stays until no pod requests it"
_AS_FOUND = "as found"


@dataclass(frozen=True)
class Row:
    """One thing before and after."""

    object: str
    what: str
    before: str
    after: str
    verdict: str

    @property
    def well(self) -> bool:
        """Whether it is as it should be."""
        return self.verdict in (GIVEN_BACK, STAYS)


def compare(before: Iterable[Trace], found: Found) -> list[Row]:
    """Compares what was ours with what is there now, and adds what is ours now and was not seen before."""
    now = {trace.key: trace for trace in traces(found)}
    bodies = {name_of(kind, body): body for kind, items in found.items() for body in items}
    seen, rows = set(), []
    for trace in before:
        seen.add(trace.key)
        left = now.get(trace.key)
        after = value_at(bodies.get(trace.object), trace.what) if trace.what.startswith("/") else ""
        after = after or (left.present if left else trace.original or "gone")
        rows.append(Row(trace.object, trace.what, trace.present, after, _verdict(trace, left, after, bodies)))
    late = (trace for key, trace in now.items() if key not in seen and not trace.stays)
    rows += [Row(one.object, one.what, "", one.present, STILL_THERE) for one in late]
    return rows


def to_plain(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Returns the rows for scripts."""
    return [asdict(row) for row in rows]


def _verdict(trace: Trace, left: Trace | None, after: str, bodies: Mapping[str, object]) -> str:
    if trace.stays:
        return STAYS
    if left is not None:
        return STILL_THERE
    gone = trace.object not in bodies
    if not trace.what.startswith("/") or gone or after == trace.original:
        return GIVEN_BACK
    return DIFFERS
