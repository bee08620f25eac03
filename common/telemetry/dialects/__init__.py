"""The dialects of power telemetry, best source first: where two measure one thing, the first one counts."""

from common.telemetry.dialects.climatik import ClimatikDialect
from common.telemetry.dialects.dcgm import DcgmDialect
from common.telemetry.dialects.dialect import Dialect, Family
from common.telemetry.dialects.kepler import KeplerDialect
from common.telemetry.dialects.kepler_counters import KeplerCountersDialect

DIALECTS: tuple[Dialect, ...] = (ClimatikDialect(), DcgmDialect(), KeplerDialect(), KeplerCountersDialect())

__all__ = ["DIALECTS", "Dialect", "Family"]
