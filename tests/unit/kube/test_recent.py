"""What was set last is kept, and no more than the limit."""

from common.kube.recent import Recent


def test_the_one_set_longest_ago_goes() -> None:
    recent: Recent[str, int] = Recent(2)
    for key in ("a", "b", "a", "c"):
        recent[key] = len(recent)
    assert list(recent) == ["a", "c"]
