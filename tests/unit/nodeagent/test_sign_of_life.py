"""The agent gives a sign of life once a second, and at once when its lease was renewed."""

import pytest

from nodeagent.heart import Heart


class File:
    def __init__(self):
        self.leases = []

    def beat(self, lease_left_seconds):
        self.leases.append(lease_left_seconds)


@pytest.mark.parametrize("lease", [30.0, None], ids=["a lease", "no lease"])
def test_once_a_second(lease):
    file = File()
    heart = Heart(file)
    for turn in range(41):
        now = turn / 10
        heart.turned(None if lease is None else lease - now, now)
    assert len(file.leases) == 5


def test_a_renewed_lease_is_told_at_once():
    file = File()
    heart = Heart(file)
    heart.turned(5.0, 0.0)
    heart.turned(600.0, 0.1)
    heart.turned(599.9, 0.2)
    assert file.leases == [5.0, 600.0]


def test_a_lease_that_ended_or_began_is_told_at_once():
    file = File()
    heart = Heart(file)
    heart.turned(None, 0.0)
    heart.turned(600.0, 0.1)
    heart.turned(0.0, 0.2)
    assert file.leases == [None, 600.0, 0.0]
