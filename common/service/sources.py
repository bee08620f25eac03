"""Where settings come from: flags first, then the environment, then defaults."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from common.service.options import REQUIRED, Option, SettingsError
from common.service.values import convert


def from_sources(
    options: Sequence[Option], argv: Sequence[str], environ: Mapping[str, str]
) -> dict[str, Any]:
    """Returns a value for every setting.

    Raises:
        SettingsError: With the flag (or variable) and the remedy.
    """
    given = read_flags(options, argv)
    return {option.name: _value(option, given, environ) for option in options}


def _value(option: Option, given: Mapping[str, str], environ: Mapping[str, str]) -> Any:
    if option.name in given:
        return convert(option, given[option.name], option.flag)
    if option.env in environ:
        return convert(option, environ[option.env], option.env)
    if option.default is REQUIRED:
        raise SettingsError(
            f"{option.flag} is required: give it, or set {option.env}; it is {option.details.reason}."
        )
    return option.default


def read_flags(options: Sequence[Option], argv: Sequence[str]) -> dict[str, str]:
    """Splits a command line into texts by field name; a list flag given twice adds up.

    ``--flag value``, ``--flag=value``, ``--switch``, ``--switch=false`` and ``--no-switch`` are understood.
    """
    by_flag = {option.flag: option for option in options}
    given: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        flag, equals, text = word.partition("=")
        option, value = _resolve(by_flag, flag, text if equals else None)
        if value is None:
            value = next(words, None)
        if value is None:
            raise SettingsError(f"{flag} needs a value: {flag}={option.details.unit or option.name.upper()}.")
        if option.name in given and option.type == tuple[str, ...]:
            value = f"{given[option.name]},{value}"
        given[option.name] = value
    return given


def _resolve(by_flag: Mapping[str, Option], flag: str, text: str | None) -> tuple[Option, str | None]:
    """Finds the option of a flag, and its text where the flag alone says it (switches)."""
    option = by_flag.get(flag)
    if option is not None:
        return option, "true" if option.type is bool and text is None else text
    negated = by_flag.get("--" + flag.removeprefix("--no-"))
    if negated is not None and negated.type is bool and flag.startswith("--no-") and text is None:
        return negated, "false"
    raise SettingsError(_unknown(by_flag, flag))


def _unknown(by_flag: Mapping[str, Option], flag: str) -> str:
    if not flag.startswith("--"):
        return f"{flag!r} is not understood: every setting is a flag, as in --name=value."
    near = difflib.get_close_matches(flag, by_flag, n=1)
    return f"{flag} is unknown" + (f": did you mean {near[0]}?" if near else ".")
