"""Where every subject stands on the ladder, in the record and out of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from actuator.ladder.action import Rung
from actuator.ladder.standing import Stand
from common.api.decisions import Record, Standing
from common.api.meta import parse_time, rfc3339


def with_stands(record: Record, stands: Mapping[str, Stand]) -> Record:
    """Notes where every subject stands."""
    written = {
        subject: Standing(
            rung=int(stand.rung),
            since=rfc3339(stand.since),
            calm_since=rfc3339(stand.calm_since) if stand.calm_since else "",
        )
        for subject, stand in sorted(stands.items())
    }
    return replace(record, standings=written)


def stands_of(record: Record, not_before: datetime) -> dict[str, Stand]:
    """Reads where every subject stands; deadlines start anew where they began before ``not_before``."""
    found = {}
    for subject, standing in record.standings.items():
        since = max(parse_time(standing.since) or not_before, not_before)
        rung = Rung(standing.rung) if standing.rung in set(Rung) else Rung.DEVICES
        calm = parse_time(standing.calm_since)
        found[subject] = Stand(rung, since, max(calm, not_before) if calm else None)
    return found
