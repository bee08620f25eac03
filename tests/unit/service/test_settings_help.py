"""``--help`` teaches: every setting with flag, environment twin, default, unit and reason, under headings."""

from dataclasses import dataclass

import pytest

from common.service.help import render_markdown
from common.service.settings import ServiceSettings, load, option_table, setting


@dataclass(frozen=True)
class Example(ServiceSettings):
    lag_seconds: float = setting(1.5, unit="s", group="Pace", reason="a device takes so long")
    colour: str = setting("red", choices=("red", "green"), group="Looks", reason="people like it")


def help_page(capsys) -> str:
    with pytest.raises(SystemExit) as caught:
        load(Example, ["--help"], {}, program="python -m example", description="Does  something.")
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_help_shows_every_setting_with_its_reason(capsys):
    page = help_page(capsys)
    for option in option_table(Example):
        assert option.flag in page
        assert option.env in page
    assert "--lag-seconds  [s, default 1.5, CLIMATIK_LAG_SECONDS]\n      a device takes so long" in page
    assert "--colour  [red | green, default red, CLIMATIK_COLOUR]" in page


def test_help_starts_with_usage_and_own_settings_come_first(capsys):
    page = help_page(capsys)
    assert page.startswith("usage: python -m example [--flag=value ...]\n\nDoes something.\n")
    assert (
        page.index("\nPace\n") < page.index("\nLooks\n") < page.index("\nProcess\n") < page.index("\nLogs\n")
    )


def test_help_fits_a_terminal(capsys):
    assert max(len(line) for line in help_page(capsys).splitlines()) <= 120


def test_markdown_has_a_row_per_setting_and_escapes_bars():
    page = render_markdown(option_table(Example))
    assert "| `--lag-seconds` | `CLIMATIK_LAG_SECONDS` | `1.5` | s | a device takes so long |" in page
    assert "red \\| green" in page


def test_every_setting_has_a_reason():
    assert all(len(option.details.reason) > 10 for option in option_table(ServiceSettings))
