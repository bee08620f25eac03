"""Fleets: even ones by numbers, and files that name each node."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.service.settings import SettingsError, parse
from deploy.local.machine_room.fleet import NodeDescription, even_fleet, read_fleet
from deploy.local.machine_room.settings import RoomSettings


def test_an_even_fleet_spreads_its_nodes_over_racks_in_turn() -> None:
    fleet = even_fleet(3, 2, 4, "h200")
    assert [(node.name, node.rack) for node in fleet.nodes] == [
        ("gpu-node-1", "rack-1"),
        ("gpu-node-2", "rack-2"),
        ("gpu-node-3", "rack-1"),
    ]
    assert len(fleet.nodes[0].build(seed=1).gpus) == 4


def test_a_file_names_each_node(tmp_path: Path) -> None:
    path = tmp_path / "fleet.toml"
    path.write_text(
        '[[nodes]]\nname = "a"\nrack = "r"\ngpus = 1\ngpu_model = "a100"\nfound_limit_watts = 350\n'
    )
    node = read_fleet(path).nodes[0].build(seed=1)
    assert node.gpus[0].requested_limit_watts == 350.0
    assert node.found_settings == node.settings()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nodes = 3", "Expected `array`"),
        ('[[nodes]]\nname = "a"\n', "rack"),
        ('[[nodes]]\nname = "a"\nrack = "r"\ngpu = 1\n', "unknown field `gpu`"),
        ('[[nodes]]\nname = "a"\nrack = "r"\ngpu_model = "tpu"\n', "tpu.*a100, h100, h200"),
        ('[[nodes]]\nname = "a"\nrack = "r"\n' * 2, "name of its own"),
        ("][", "Invalid"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "fleet.toml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=f"(?s)--fleet: .*{message}"):
        read_fleet(path)


def test_equal_seeds_give_equal_names() -> None:
    description = NodeDescription(name="a", rack="r")
    assert description.build(3).gpus[0].uuid == description.build(3).gpus[0].uuid


def test_settings_need_a_socket_and_default_the_rest() -> None:
    with pytest.raises(SettingsError, match="--socket"):
        parse(RoomSettings, [], {})
    assert parse(RoomSettings, ["--socket", "/run/twin.sock"], {}).nodes == 4
