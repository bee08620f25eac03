"""One row of a settings table: what a field says about its flag, environment twin, unit and reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

METADATA_KEY: Final = "climatik.setting"
REDACTED: Final = "(secret)"


class _Required:
    """The type of ``REQUIRED``."""

    def __repr__(self) -> str:
        return "(required)"


REQUIRED: Final = _Required()
"""Default of a setting that has none."""


class SettingsError(ValueError):
    """A setting is unknown, missing, malformed or out of bounds; the text names the flag and the remedy."""


@dataclass(frozen=True)
class OptionDetails:
    """What ``setting`` was told; kept in the dataclass field's metadata."""

    reason: str
    unit: str = ""
    flag: str = ""
    env: str = ""
    choices: Sequence[str] = ()
    secret: bool = False
    group: str = ""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Option:
    """A setting: its field name, type and default, with the details it was declared with."""

    name: str
    type: Any
    default: Any
    details: OptionDetails

    @property
    def flag(self) -> str:
        """The command-line flag, dashes included."""
        return self.details.flag or "--" + self.name.replace("_", "-")

    @property
    def env(self) -> str:
        """The environment variable that means the same."""
        return self.details.env or "CLIMATIK_" + self.name.upper()

    @property
    def default_text(self) -> str:
        """The default as a person would type it; ``""`` where it is empty."""
        if self.default is REQUIRED:
            return repr(REQUIRED)
        if self.details.secret and self.default:
            return REDACTED
        return as_text(self.default)

    def shown(self, value: object) -> object:
        """The value as logs may show it."""
        return REDACTED if self.details.secret and value else value


def as_text(value: object) -> str:
    """Formats a value the way a flag takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def options_of(settings_type: type) -> list[Option]:
    """Returns the settings of a dataclass, its own before those it inherits.

    Fields that were not declared with ``setting`` are not settings, and left out.
    """
    hints = get_type_hints(settings_type)
    inherited = {
        f.name
        for base in settings_type.__bases__
        if dataclasses.is_dataclass(base)
        for f in dataclasses.fields(base)
    }
    options = [
        Option(field.name, hints[field.name], _default(field), field.metadata[METADATA_KEY])
        for field in dataclasses.fields(settings_type)
        if METADATA_KEY in field.metadata
    ]
    return sorted(options, key=lambda option: option.name in inherited)


def _default(field: dataclasses.Field[Any]) -> Any:
    return REQUIRED if field.default is dataclasses.MISSING else field.default
