"""No secret in logs, errors, help or what settings say of themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from admission.alerts.settings import AlertSettings
from admission.slack.settings import SlackSettings
from common.service.settings import changed, describe, parse
from tests.fakes.slack import BOT_TOKEN, SENTINEL, SIGNING_SECRET

ROOT = Path(__file__).parents[3]
SECRETS = {
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/SENTINEL",
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "GITHUB_PAT": "ghp_SENTINEL",
    "GITHUB_USERNAME": "somebody",
    "GITHUB_REPO": "somewhere",
}


@pytest.mark.parametrize("table", [SlackSettings, AlertSettings])
def test_settings_do_not_show_them(table):
    made = parse(table, [], SECRETS)
    shown = f"{made!r} {describe(made)} {changed(made)}"
    assert SENTINEL not in shown
    assert "(secret)" in shown


@pytest.mark.parametrize("program", ["--slack", "--alerts"])
@pytest.mark.parametrize(
    ("flags", "status"),
    [
        pytest.param(["--help"], 0, id="help"),
        pytest.param(["--log-level=loud"], 2, id="a bad setting"),
        pytest.param(["--kubeconfig=/nowhere", "--log-level=debug"], 2, id="no cluster"),
        pytest.param(["--may-approve=S1", "--kubeconfig=/nowhere"], 2, id="a group"),
    ],
)
def test_processes_do_not_print_them(tmp_path, program, flags, status):
    """Given by a file ``.env``, as on a workstation."""
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "admission", program, *flags]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert SENTINEL not in done.stdout + done.stderr
    assert done.returncode == status
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("flag", ["--slack-signing-secret-file", "--slack-bot-token-file"])
def test_file_that_cannot_be_read_names_the_flag(tmp_path, flag):
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "admission", "--slack", f"{flag}={tmp_path / 'none'}"]
    if flag == "--slack-bot-token-file":
        environ["SLACK_SIGNING_SECRET"] = SIGNING_SECRET
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert flag in done.stderr
    assert SENTINEL not in done.stderr
