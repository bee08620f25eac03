"""What a look at a device may show that is more than another draw."""

import pytest

EACH_NEWS = pytest.mark.parametrize(
    "happens",
    [
        lambda device: setattr(device, "limit", 650.0),
        lambda device: setattr(device, "fault", "lost"),
        lambda device: setattr(device, "clock_limit", 900),
    ],
    ids=["another limit", "a device that is lost", "another clock ceiling"],
)
