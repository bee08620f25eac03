"""What people set is echoed exactly; only measured figures may wander a little before they are written."""

import pytest

from recommender.logic.change import is_material

CASES = {
    "a new generation must be acknowledged": ({"observedGeneration": 2}, {"observedGeneration": 3}, True),
    "a cap moved by one watt": ({"effectiveCapWatts": 4000}, {"effectiveCapWatts": 4001}, True),
    "the same one level down": (
        {"conditions": [{"observedGeneration": 1}]},
        {"conditions": [{"observedGeneration": 2}]},
        True,
    ),
    "a draw that wanders by one percent": ({"watts": 4000}, {"watts": 4040}, False),
    "a draw that moved by a tenth": ({"watts": 4000}, {"watts": 4400}, True),
}


@pytest.mark.parametrize(("old", "new", "material"), CASES.values(), ids=CASES.keys())
def test_a_status_is_written_when_it_says_something_new(old: object, new: object, material: bool) -> None:
    assert is_material(old, new) is material
