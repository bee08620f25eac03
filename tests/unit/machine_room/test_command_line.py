"""What the command line refuses before anything starts."""

from __future__ import annotations

import pytest

from deploy.local.machine_room import __main__ as program


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--socket", "/tmp/" + "s" * 120], "--socket: .*choose a shorter path"),
        (["--socket", "/tmp/s", "--fleet", "/nowhere/fleet.toml"], "--fleet: /nowhere/fleet.toml"),
        (["--socket", "/tmp/s", "--trace", "/nowhere/trace.csv"], "--trace: /nowhere/trace.csv"),
    ],
)
def test_bad_paths_are_named_and_nothing_starts(
    flags: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["machine-room", *flags])
    assert program.main() == 2
    written = capsys.readouterr().err
    assert written.startswith("machine-room: ")
    assert all(part in written for part in message.split(".*"))
