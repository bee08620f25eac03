"""The reference page of all settings, made from the settings tables of the programs that are installed."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from types import ModuleType

from common.service.help import render_markdown
from common.service.settings import ServiceSettings, option_table

_PROGRAMS = ("recommender", "actuator", "admission", "admission.alerts", "admission.slack", "nodeagent")
"""Programs whose tables are shown. Loaded by name: the command line works without any of them installed."""

_MODULES = ("settings", "config")
"""Where a program may declare its table."""

_HEAD = """\
# Settings

Every program takes its settings as flags or as environment variables. A flag wins over its variable, which
wins over the default. `python -m PROGRAM --help` shows the same tables.

This page is made from the code: `python -m climatik docs settings > docs/reference/settings.md`.
"""


def render_page() -> str:
    """Returns the page in Markdown: what all programs share, then each program's own settings."""
    shared = option_table(ServiceSettings)
    names = {option.name for option in shared}
    parts = [_HEAD, "## Every program\n", render_markdown(shared)]
    for program in _PROGRAMS:
        settings = _settings_of(program)
        if settings is not None:
            own = [option for option in option_table(settings) if option.name not in names]
            parts += [f"## `python -m {program}`\n", render_markdown(own)]
    return "\n".join(parts)


def _settings_of(program: str) -> type[ServiceSettings] | None:
    """Returns the settings table of a program, or None where the program is not installed."""
    modules = (f"{program}.{name}" for name in _MODULES)
    module = next((name for name in modules if _exists(name)), None)
    return _declared_in(importlib.import_module(module)) if module else None


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _declared_in(module: ModuleType) -> type[ServiceSettings]:
    classes = [
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, ServiceSettings) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise LookupError(f"{module.__name__} declares {len(classes)} settings tables instead of one")
    return classes[0]
