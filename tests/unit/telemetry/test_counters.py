"""What the counters of older exporters are asked for, and what their labels mean."""

import pytest

from common.telemetry.dialects.dcgm import DcgmDialect
from common.telemetry.dialects.kepler_counters import KeplerCountersDialect
from common.telemetry.table import Place

KEPLER = KeplerCountersDialect()
ALL = "kepler_container_joules_total"
PACKAGE = "kepler_container_package_joules_total"
GPU = "kepler_container_gpu_joules_total"


def only(dialect, series, *beside):
    every = [each for each in dialect.families(frozenset({series, *beside})) if each.series == series]
    (family,) = [each for each in every if 'mode="idle"' not in each.selector]
    return family


def test_a_restarted_counter_is_left_out():
    assert f"unless resets({PACKAGE}" in only(KEPLER, PACKAGE).expression


def test_pods_are_read_without_idle_and_without_gpus_which_are_metered_by_device():
    assert 'mode!="idle"' in only(KEPLER, PACKAGE).selector
    assert GPU in only(KEPLER, ALL, GPU).expression
    assert GPU not in only(KEPLER, ALL).expression


def test_the_sum_of_components_fills_in_only_where_packages_are_not_told():
    assert only(KEPLER, ALL, PACKAGE).expression.endswith(PACKAGE)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"instance": "a"}, "a"),
        ({"instance": "10.0.0.1:9102", "exported_instance": "a"}, "a"),
        ({"instance": "10.0.0.1:9102", "node": "a"}, "a"),
    ],
    ids=["honored", "exported", "relabelled"],
)
def test_the_node_is_found_under_each_spelling(labels, expected):
    family = only(KEPLER, "kepler_node_package_joules_total")
    assert family.place({"package": "1", **labels}) == Place("package", expected, "1")


def test_containers_are_rows_of_their_pod():
    labels = {"container_namespace": "ns", "pod_name": "p", "container_name": "c", "mode": "dynamic"}
    assert only(KEPLER, PACKAGE).place(labels) == Place("pod", namespace="ns", pod="p", container="c")


def test_energy_of_a_board_is_asked_for_only_where_watts_are_not_told():
    energy = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
    alone = only(DcgmDialect(), energy)
    assert alone.watts_per_unit == 1e-3
    beside = only(DcgmDialect(), energy, "DCGM_FI_DEV_POWER_USAGE")
    assert beside.expression == alone.expression + " unless on (UUID, uuid) DCGM_FI_DEV_POWER_USAGE"
