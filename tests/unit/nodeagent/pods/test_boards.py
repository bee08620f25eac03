"""Which board a device plugin's id means."""

import pytest

from nodeagent.pods.boards import board_of

BOARDS = {"GPU-a", "GPU-b"}
INSTANCES = {"MIG-1": "GPU-b"}

CASES = {
    "a board": ("GPU-a", "GPU-a"),
    "a replica of a board": ("GPU-a::3", "GPU-a"),
    "an instance": ("MIG-1", "GPU-b"),
    "a replica of an instance": ("MIG-1::0", "GPU-b"),
    "an instance of an old driver": ("MIG-GPU-a/3/0", "GPU-a"),
    "an instance that nobody knows": ("MIG-2", ""),
    "an old instance of another node's board": ("MIG-GPU-z/3/0", ""),
    "another node's board": ("GPU-z", ""),
    "a network card": ("mlx5_0", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("device_id", "board"), CASES.values(), ids=CASES)
def test_an_id_means_a_board(device_id, board):
    assert board_of(device_id, BOARDS, INSTANCES) == board
