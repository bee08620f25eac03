"""``climatik uninstall`` as users see it: wrong usage stops nothing, and a failure says what stands still."""

import contextlib

import pytest

from climatik.__main__ import main
from common.kube.errors import ConnectionFailed

COMMAND = "climatik.commands.uninstall"


@pytest.fixture
def done(monkeypatch):
    """What was done to a cluster of which nothing is ours, and whose release fails."""
    log = []

    @contextlib.asynccontextmanager
    async def client(*_, **__):
        yield None

    async def read_all(_):
        return {}

    async def stop_actuator(_, namespace):
        log.append(f"stop {namespace}")

    async def release(*_):
        raise ConnectionFailed("reset by peer")

    monkeypatch.setattr(f"{COMMAND}.load_config", lambda *_: None)
    for made in (read_all, stop_actuator, release):
        monkeypatch.setattr(f"{COMMAND}.{made.__name__}", made)
    monkeypatch.setattr(f"{COMMAND}.Client", client)
    return log


@pytest.mark.parametrize("seconds", ["0", "-5", "nan", "inf"])
def test_a_deadline_that_is_none_is_wrong_usage_and_stops_nothing(done, capsys, seconds):
    assert main(["uninstall", f"--deadline-seconds={seconds}"]) == 2
    assert "--deadline-seconds: must be a number of seconds above 0" in capsys.readouterr().err
    assert done == []


def test_a_release_that_fails_says_that_the_actuator_is_stopped_and_how_to_go_on(done, capsys):
    assert main(["uninstall", "--actuator-namespace", "power"]) == 1
    assert done == ["stop power"]
    told = capsys.readouterr().err
    assert "reset by peer" in told
    assert "the actuator is stopped" in told
    assert "run this again, or: kubectl -n power scale deployment climatik-actuator --replicas=1" in told


def test_a_dry_run_stops_nothing(done, capsys):
    assert main(["uninstall", "--dry-run"]) == 0
    assert done == []
    assert "Nothing is to be given back" in capsys.readouterr().out
