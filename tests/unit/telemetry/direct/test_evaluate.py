"""The dialects' families mean the same from memory as from Prometheus."""

import pytest

from common.telemetry.dialects.climatik import ClimatikDialect
from common.telemetry.dialects.dcgm import DcgmDialect
from common.telemetry.direct.evaluate import read_store
from common.telemetry.direct.exposition import parse_page
from common.telemetry.direct.store import SampleStore

DIALECTS = (ClimatikDialect(), DcgmDialect())
SERIES = {name for each in DIALECTS for name in (*each.reveals, *each.beside)}
PAGE = """
climatik_node_watts{{node="a"}} 900
climatik_node_gpu_watts{{node="a",gpu="0",gpu_uuid="GPU-1"}} 300
DCGM_FI_DEV_POWER_USAGE{{UUID="GPU-1",Hostname="a",GPU_I_PROFILE="3g.40gb",pod="p",namespace="ns"}} 300
DCGM_FI_DEV_POWER_USAGE{{UUID="GPU-1",Hostname="a",GPU_I_PROFILE="1g.10gb",pod="q",namespace="ns"}} 300
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{UUID="GPU-1",Hostname="a",GPU_I_PROFILE="3g.40gb",pod="p",namespace="ns"}} 0.5
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{UUID="GPU-1",Hostname="a",GPU_I_PROFILE="1g.10gb",pod="q",namespace="ns"}} 0.5
DCGM_FI_DEV_BOARD_POWER_WATTS{{gpu="1",UUID="GPU-NEW",hostname="b"}} 310
DCGM_FI_DEV_BOARD_POWER_RAW_WATTS{{gpu="1",UUID="GPU-NEW",hostname="b"}} 999
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{gpu="1",UUID="GPU-NEW",hostname="b"}} {new}
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{gpu="2",UUID="GPU-ENERGY",hostname="b"}} {energy}
DCGM_FI_DEV_POWER_USAGE{{gpu="3",UUID="GPU-BLANK",Hostname="b"}} 9223372036854775794
"""


@pytest.fixture
def reading():
    store = SampleStore()
    for at in (100.0, 110.0):
        page = PAGE.format(new=1e6 * at, energy=250e3 * at)
        store.put("t", at, parse_page(page, SERIES))
    return read_store(store, DIALECTS, 112.0, ["a note"])


def rows(reading, scope):
    table = reading.table
    columns = zip(table.scope, table.source, table.device, table.pod, table.watts.tolist(), strict=True)
    return {row[1:] for row in columns if row[0] == scope}


def test_each_board_is_measured_by_the_best_series_that_it_has(reading):
    assert rows(reading, "gpu") == {
        ("climatik", "GPU-1", "", 300.0),
        ("dcgm", "GPU-1", "p", 300.0),
        ("dcgm", "GPU-1", "q", 300.0),
        ("dcgm", "GPU-NEW", "", 310.0),
        ("dcgm", "GPU-ENERGY", "", 250.0),
    }


def test_use_counts_by_the_size_of_the_instance(reading):
    assert rows(reading, "gpu-use") == {("dcgm", "GPU-1", "p", 1.5), ("dcgm", "GPU-1", "q", 0.5)}


def test_blanks_are_counted_ages_told_and_notes_kept(reading):
    assert reading.impossible == (("dcgm", 1),)
    assert set(reading.table.age_seconds.tolist()) == {2.0}
    assert (reading.sources, reading.notes) == (("climatik", "dcgm"), ("a note",))


def test_an_empty_store_is_an_empty_reading():
    assert len(read_store(SampleStore(), DIALECTS, 1.0).table) == 0
