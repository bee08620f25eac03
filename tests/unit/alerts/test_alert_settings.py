"""Settings of the alerts process: secrets from variables or files, shown nowhere."""

import aiohttp
import pytest

from admission.alerts.__main__ import DESCRIPTION
from admission.alerts.settings import AlertSettings
from admission.alerts.sinks import secret, sinks
from common.service.settings import SettingsError, describe, load, parse
from tests.fakes.clock import FakeClock

SECRET = "https://hooks.slack.com/services/T0/B0/SECRET"


def test_secret_of_the_environment_is_shown_neither_in_help_nor_in_logs(capsys):
    settings = parse(AlertSettings, [], {"SLACK_WEBHOOK_URL": SECRET})
    assert settings.slack_webhook_url == SECRET
    assert "SECRET" not in repr(settings)
    assert "SECRET" not in str(describe(settings))
    with pytest.raises(SystemExit):
        load(AlertSettings, ["--help"], {"SLACK_WEBHOOK_URL": SECRET}, program="p", description=DESCRIPTION)
    assert "T0/B0" not in capsys.readouterr().out


def test_secret_is_read_from_a_file(tmp_path):
    (tmp_path / "url").write_text(f"{SECRET}\n")
    assert secret("", str(tmp_path / "url"), "--x-file") == SECRET


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_file_without_a_secret_names_flag_and_file(tmp_path, content):
    if content is not None:
        (tmp_path / "url").write_text(content)
    with pytest.raises(SettingsError, match="--x-file"):
        secret("", str(tmp_path / "url"), "--x-file")


async def test_address_that_is_none_is_refused_without_being_shown():
    settings = AlertSettings(events=False, slack_webhook_url="SECRET-but-no-url")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SettingsError) as caught:
            list(sinks(settings, None, session, FakeClock()))  # type: ignore[arg-type]
    assert "--slack-webhook-url" in str(caught.value)
    assert "SECRET" not in str(caught.value)


async def test_every_sink_that_is_named_is_made():
    settings = AlertSettings(
        slack_webhook_url=SECRET,
        alertmanager_urls=("http://a:9093", "http://b:9093"),
        cloudevents_url="http://c",
    )
    async with aiohttp.ClientSession() as session:
        names = [sink.name for sink in sinks(settings, None, session, FakeClock())]  # type: ignore[arg-type]
    assert names == ["events", "slack", "alertmanager-0", "alertmanager-1", "cloudevents"]
