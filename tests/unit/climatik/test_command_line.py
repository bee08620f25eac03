"""The command line teaches, and fails with a reason."""

import pytest

from climatik.__main__ import COMMANDS, main
from climatik.uninstall.release import StillRunningError
from common.kube.errors import ConfigError, ConnectionFailed, Forbidden, NotFound, Status


def test_help_names_every_command_with_what_it_does(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    page = capsys.readouterr().out
    assert "examples:" in page
    assert all(command.name in page for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command.name, "--help"])
    assert caught.value.code == 0
    assert (command.description or command.summary).split()[0] in capsys.readouterr().out


def test_version_names_api_and_protocol(capsys):
    assert main(["version"]) == 0
    assert "API climatik.io/v1alpha1, grant protocol 1" in capsys.readouterr().out


def test_no_command_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2


def test_missing_kubeconfig_is_told_with_a_remedy(capsys, tmp_path):
    assert main(["status", "--kubeconfig", str(tmp_path / "none")]) == 1
    error = capsys.readouterr().err
    assert str(tmp_path / "none") in error
    assert "--kubeconfig" in error


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (ConfigError("no server"), "--kubeconfig"),
        (ConnectionFailed("refused"), "kubectl version"),
        (NotFound(Status(404, "NotFound", "powerdomains")), "kubectl get crds"),
        (Forbidden(Status(403, "Forbidden", "user eve cannot list")), "kubectl auth can-i"),
        (StillRunningError("somebody leads: stop that actuator"), "stop that actuator\n"),
    ],
)
def test_errors_of_the_api_layer_end_with_status_1_and_a_remedy_that_fits(monkeypatch, capsys, error, remedy):
    def broken(*_):
        raise error

    monkeypatch.setattr("climatik.commands.status.load_config", broken)
    assert main(["status"]) == 1
    told = capsys.readouterr().err
    assert str(error) in told
    assert told.endswith(remedy) or remedy in told.partition("\n")[2]


def test_an_interrupt_ends_quietly(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("climatik.commands.status.load_config", interrupted)
    assert main(["status"]) == 130
    assert capsys.readouterr().err == ""
