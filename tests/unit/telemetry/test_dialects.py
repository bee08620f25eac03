"""What the labels of each source mean, in all their spellings."""

import pytest

from common.telemetry.dialects.climatik import ClimatikDialect
from common.telemetry.dialects.dcgm import DcgmDialect
from common.telemetry.dialects.kepler import KeplerDialect
from common.telemetry.table import Place

CLIMATIK, DCGM, KEPLER = ClimatikDialect(), DcgmDialect(), KeplerDialect()


def place(dialect, series, labels):
    (family,) = [one for one in dialect.families(frozenset({series})) if one.series == series]
    return family.place(labels)


@pytest.mark.parametrize(
    ("series", "labels", "expected"),
    [
        ("climatik_node_watts", {"node": "a"}, Place("node", "a")),
        (
            "climatik_node_gpu_watts",
            {"node": "a", "gpu_uuid": "GPU-1", "gpu": "0"},
            Place("gpu", "a", "GPU-1"),
        ),
        ("climatik_node_cpu_watts", {"node": "a", "package": "1"}, Place("package", "a", "1")),
    ],
    ids=["node", "gpu", "package"],
)
def test_node_agents(series, labels, expected):
    assert place(CLIMATIK, series, labels) == expected


DCGM_POD = Place("gpu", "a", "GPU-1", "ns", "p", "c")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"Hostname": "a", "namespace": "ns", "pod": "p", "container": "c"}, DCGM_POD),
        ({"hostname": "a", "namespace": "ns", "pod": "p", "container": "c"}, DCGM_POD),
        ({"Hostname": "a", "pod_namespace": "ns", "pod_name": "p", "container_name": "c"}, DCGM_POD),
        (
            {
                "Hostname": "a", "exported_namespace": "ns", "exported_pod": "p", "exported_container": "c",
                "namespace": "monitoring", "pod": "dcgm-exporter-x", "container": "exporter",
            },
            DCGM_POD,
        ),
        ({"Hostname": "a", "pod": "", "namespace": ""}, Place("gpu", "a", "GPU-1")),
    ],
    ids=["old", "lower-case", "old-namespace-mode", "without-honor-labels", "idle"],
)  # fmt: skip
def test_dcgm_labels(labels, expected):
    assert place(DCGM, "DCGM_FI_DEV_POWER_USAGE", {"UUID": "GPU-1", "gpu": "0"} | labels) == expected


def test_dcgm_rows_without_a_uuid_are_not_counted():
    assert place(DCGM, "DCGM_FI_DEV_POWER_USAGE", {"gpu": "0"}) is None


def test_dcgm_asks_for_both_names_of_the_same_watts():
    present = frozenset({"DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_BOARD_POWER_WATTS"})
    assert [family.series for family in DCGM.families(present)] == sorted(present, reverse=True)
    new = frozenset({"DCGM_FI_DEV_BOARD_POWER_WATTS"})
    assert [family.series for family in DCGM.families(new)] == ["DCGM_FI_DEV_BOARD_POWER_WATTS"]


def test_kepler_asks_for_the_packages_first_and_for_living_pods():
    families = KEPLER.families(frozenset({"kepler_node_cpu_watts", "kepler_pod_cpu_watts"}))
    nodes, pods = (family.expression for family in families)
    assert nodes.startswith('kepler_node_cpu_watts{zone=~"package(-[0-9]+)?"} or on (node_name, instance) ')
    assert pods.count('state!="terminated"') == pods.count("kepler_pod_cpu_watts")


def test_kepler_places():
    pod = place(KEPLER, "kepler_pod_cpu_watts", {"pod_name": "p", "pod_namespace": "ns", "zone": "package"})
    assert pod == Place("pod", namespace="ns", pod="p")
    node = place(KEPLER, "kepler_node_cpu_watts", {"node_name": "a", "zone": "package"})
    assert node == Place("package", "a", "package")
