"""From the text of a flag or variable to a typed, bounded value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from common.service.options import Option, SettingsError, as_text

_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})


def convert(option: Option, text: str, source: str) -> Any:
    """Converts text to the option's type and checks choices and bounds.

    Args:
        option: The setting.
        text: What the user gave.
        source: The flag or variable it came from, for the message.

    Raises:
        SettingsError: Naming the source, the value (unless secret) and what would be right.
    """
    shown = "the value given" if option.details.secret else repr(text)
    converter, wanted = _CONVERTERS[option.type]
    try:
        value = converter(text.strip())
    except ValueError:
        raise SettingsError(f"{source}: {shown} is not {wanted}{_unit(option)}. {_remedy(option)}") from None
    problem = _problem(option, value)
    if problem:
        raise SettingsError(f"{source}: {shown} {problem}. {_remedy(option)}")
    return value


def _problem(option: Option, value: Any) -> str:
    details = option.details
    if details.choices and any(part not in details.choices for part in _parts(value)):
        return f"is none of {', '.join(details.choices)}"
    if details.minimum is not None and value < details.minimum:
        return f"is under the least value, {as_text(details.minimum)}{_unit(option)}"
    if details.maximum is not None and value > details.maximum:
        return f"is over the largest value, {as_text(details.maximum)}{_unit(option)}"
    return ""


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _unit(option: Option) -> str:
    return f" ({option.details.unit})" if option.details.unit else ""


def _remedy(option: Option) -> str:
    example = option.details.choices[0] if option.details.choices else option.default_text
    return f"For example: {option.flag}={example}" if example else f"Leave {option.flag} out for none."


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_CONVERTERS: Final[Mapping[Any, tuple[Callable[[str], Any], str]]] = {
    bool: (_boolean, "true or false"),
    int: (int, "a whole number"),
    float: (_finite, "a number"),
    str: (str, "text"),
    Path: (Path, "a path"),
    tuple[str, ...]: (_list, "a list separated by commas"),
}
