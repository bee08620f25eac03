"""Flags win over the environment, which wins over defaults; every error names the flag and the remedy."""

from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path

import pytest

from common.service.settings import (
    REQUIRED,
    ServiceSettings,
    SettingsError,
    changed,
    describe,
    load,
    parse,
    setting,
)

HOME = Path("/var/lib")


@dataclass(frozen=True)
class Example(ServiceSettings):
    interval_seconds: float = setting(5.0, unit="s", minimum=0.1, maximum=60, reason="how often to look")
    workers: int = setting(2, minimum=1, reason="how many at once")
    mode: str = setting("slow", choices=("slow", "fast"), reason="how to go about it")
    names: tuple[str, ...] = setting((), reason="whom to look at")
    folder: Path = setting(HOME, unit="path", reason="where to keep things")  # noqa: RUF009
    pass_phrase: str = setting("", secret=True, reason="opens the door")
    renamed: str = setting("", flag="--other-name", env="OTHER_NAME", reason="has names of its own")


@dataclass(frozen=True)
class Demanding(ServiceSettings):
    node_name: str = setting(REQUIRED, reason="the node that this process looks after")


VALUES = {
    "flag with equals sign": (["--workers=7"], {}, "workers", 7),
    "flag with a word of its own": (["--workers", "7"], {}, "workers", 7),
    "environment twin": ([], {"CLIMATIK_WORKERS": "7"}, "workers", 7),
    "flag wins over environment": (["--workers=7"], {"CLIMATIK_WORKERS": "9"}, "workers", 7),
    "default": ([], {}, "workers", 2),
    "number with a fraction": (["--interval-seconds=0.5"], {}, "interval_seconds", 0.5),
    "switch": (["--once"], {}, "once", True),
    "switch turned off": (["--once=false"], {}, "once", False),
    "switch negated": (["--no-once"], {"CLIMATIK_ONCE": "true"}, "once", False),
    "switch by environment": ([], {"CLIMATIK_DRY_RUN": "yes"}, "dry_run", True),
    "list by commas": (["--names=a, b"], {}, "names", ("a", "b")),
    "list by repetition": (["--names=a", "--names=b"], {}, "names", ("a", "b")),
    "path": (["--folder=/tmp/x"], {}, "folder", Path("/tmp/x")),
    "own flag": (["--other-name=x"], {}, "renamed", "x"),
    "own variable": ([], {"OTHER_NAME": "x"}, "renamed", "x"),
    "empty text": (["--listen-address="], {}, "listen_address", ""),
}


@pytest.mark.parametrize(("argv", "environ", "field", "expected"), VALUES.values(), ids=VALUES.keys())
def test_value_comes_from(argv, environ, field, expected):
    assert getattr(parse(Example, argv, environ), field) == expected


ERRORS = {
    "not a number": (
        ["--workers=many"],
        {},
        "--workers: 'many' is not a whole number. For example: --workers=2",
    ),
    "not finite": (["--interval-seconds=nan"], {}, "--interval-seconds: 'nan' is not a number (s)."),
    "too small": (["--workers=0"], {}, "--workers: '0' is under the least value, 1."),
    "too large": (["--interval-seconds=61"], {}, "is over the largest value, 60 (s)."),
    "no such choice": (["--mode=warp"], {}, "--mode: 'warp' is none of slow, fast. For example: --mode=slow"),
    "bad switch": (["--once=perhaps"], {}, "--once: 'perhaps' is not true or false."),
    "misspelt": (["--wrkers=3"], {}, "--wrkers is unknown: did you mean --workers?"),
    "unknown": (["--zzzzzz=3"], {}, "--zzzzzz is unknown."),
    "a bare word": (["workers"], {}, "'workers' is not understood: every setting is a flag"),
    "no value": (["--workers"], {}, "--workers needs a value"),
    "bad variable": ([], {"CLIMATIK_WORKERS": "x"}, "CLIMATIK_WORKERS: 'x' is not a whole number."),
}


@pytest.mark.parametrize(("argv", "environ", "message"), ERRORS.values(), ids=ERRORS.keys())
def test_error_names_flag_and_remedy(argv, environ, message):
    with pytest.raises(SettingsError) as caught:
        parse(Example, argv, environ)
    assert message in str(caught.value)


def test_required_setting_says_how_to_give_it():
    with pytest.raises(SettingsError, match=r"--node-name is required: give it, or set CLIMATIK_NODE_NAME"):
        parse(Demanding, [], {})
    assert parse(Demanding, ["--node-name=n1"], {}).node_name == "n1"


def test_settings_are_frozen():
    with pytest.raises(FrozenInstanceError):
        parse(Example, [], {}).workers = 3  # type: ignore[misc]


def test_secret_is_never_shown():
    settings = parse(Example, ["--pass-phrase=sesame"], {})
    assert settings.pass_phrase == "sesame"
    assert "sesame" not in repr(settings)
    assert "sesame" not in str(describe(settings))
    assert changed(settings) == {"pass_phrase": "(secret)"}


def test_load_exits_2_with_one_clear_line(capsys):
    with pytest.raises(SystemExit) as caught:
        load(Example, ["--workers=x"], {}, program="example", description="An example.")
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("example: --workers: 'x' is not a whole number.")
