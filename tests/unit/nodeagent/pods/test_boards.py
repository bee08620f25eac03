"""Which board a device plugin's id means."""

import pytest

from nodeagent.pods.boards import BoardNames, board_of, is_known_to_the_driver, why_strange

NAMES = BoardNames({"GPU-a", "GPU-b", "gpu-3"}, {"MIG-1": "GPU-b"}, {0: "GPU-b", 1: "GPU-a", 12: "GPU-b"})

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
    "GKE: a board by minor number": ("nvidia1", "GPU-a"),
    "GKE: a share of a board": ("nvidia0/vgpu2", "GPU-b"),
    "GKE: an instance": ("nvidia1/gi7", "GPU-a"),
    "GKE: a share of an instance": ("nvidia12/gi1/vgpu0", "GPU-b"),
    "GKE: a number that no board has": ("nvidia5", ""),
    "no name of GKE's": ("nvidia-modeset", ""),
    "a claim on a board": ("gpu-1", "GPU-a"),
    "a claim on an instance": ("gpu-0-mig-1g10gb-19-4", "GPU-b"),
    "a claim on an instance, as older drivers name it": ("gpu-12-mig-19-0-1", "GPU-b"),
    "a claim on a board of a virtual machine": ("gpu-vfio-1", ""),
    "a claim by a number, never by the place of a board that does not answer": ("gpu-3", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("device_id", "board"), CASES.values(), ids=CASES)
def test_an_id_means_a_board(device_id, board):
    assert board_of(device_id, NAMES) == board


STRANGE = {
    "gpu-vfio-1": (False, "passed through to a virtual machine"),
    "nvidia5": (True, "minor number 5, which the driver gives to none"),
    "gpu-9-mig-1g10gb-19-4": (True, "minor number 9"),
    "MIG-2": (True, "a MIG instance that the driver shows on no GPU"),
    "GPU-z": (False, "no UUID of a GPU that this agent holds"),
}


@pytest.mark.parametrize("device_id", STRANGE)
def test_an_id_of_no_board_says_why_and_who_could_know(device_id):
    asked, reason = STRANGE[device_id]
    assert board_of(device_id, NAMES) == ""
    assert is_known_to_the_driver(device_id) is asked
    assert reason in why_strange(device_id)
