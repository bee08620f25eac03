"""Settings: one frozen dataclass per binary; a field carries flag, environment twin, unit and reason."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, TypeVar, Unpack

from common.service.help import render_help
from common.service.options import METADATA_KEY, REQUIRED, Option, OptionDetails, SettingsError, options_of
from common.service.sources import from_sources

S = TypeVar("S")

__all__ = [
    "REQUIRED", "ServiceSettings", "SettingOptions", "SettingsError",
    "describe", "load", "parse", "setting",
]  # fmt: skip


class SettingOptions(TypedDict):
    """What ``setting`` may be told beyond default and reason.

    ``flag`` defaults to ``--field-name`` and ``env`` to ``CLIMATIK_FIELD_NAME``. ``group`` is the heading in
    the help. ``minimum`` and ``maximum`` bound numbers. A ``secret`` is never shown or logged.
    """

    unit: NotRequired[str]
    flag: NotRequired[str]
    env: NotRequired[str]
    choices: NotRequired[Sequence[str]]
    secret: NotRequired[bool]
    group: NotRequired[str]
    minimum: NotRequired[float]
    maximum: NotRequired[float]


def setting(default: Any, *, reason: str, **options: Unpack[SettingOptions]) -> Any:
    """Declares one field of a settings dataclass.

    Args:
        default: The value when neither flag nor environment gives one, or ``REQUIRED``.
        reason: Why the setting exists and why its default is what it is, in one sentence.
        **options: See ``SettingOptions``.
    """
    details = OptionDetails(reason=reason, **options)
    metadata = {METADATA_KEY: details}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata, kw_only=True, repr=not details.secret)
    return dataclasses.field(default=default, metadata=metadata, kw_only=True, repr=not details.secret)


@dataclass(frozen=True)
class ServiceSettings:
    """Settings that all binaries have; each binary's own settings extend them."""

    listen_address: str = setting(
        "127.0.0.1:0",
        unit="host:port",
        group="Process",
        reason="where /metrics, /healthz and /readyz are served; port 0 takes a free one, empty serves none",
    )
    port_file: str = setting(
        "", unit="path", group="Process", reason="the bound port is written here, for whoever chose port 0"
    )
    stop_deadline_seconds: float = setting(
        10.0,
        unit="s",
        group="Process",
        minimum=0,
        reason="work in flight gets so long after SIGTERM; under the 30 s that Kubernetes gives a pod",
    )
    once: bool = setting(False, group="Process", reason="do one round and exit: for scripts and trials")
    dry_run: bool = setting(False, group="Process", reason="decide and report, but change nothing")
    log_level: str = setting(
        "info",
        group="Logs",
        choices=("debug", "info", "warning", "error"),
        reason="info names every action and its reason; debug adds every decision not to act",
    )
    log_format: str = setting(
        "text",
        group="Logs",
        choices=("text", "json"),
        reason="text is for people, json (one object per line) for log pipelines",
    )
    kubeconfig: str = setting(
        "",
        unit="path",
        group="Cluster",
        reason="empty takes $KUBECONFIG, else the pod's service account, else ~/.kube/config (only read)",
    )


def parse(settings_type: type[S], argv: Sequence[str], environ: Mapping[str, str]) -> S:
    """Returns the settings from flags, environment and defaults, in that order of precedence.

    Raises:
        SettingsError: A flag is unknown, or a value is missing, malformed or out of bounds.
    """
    return settings_type(**from_sources(options_of(settings_type), argv, environ))


def load(
    settings_type: type[S],
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    program: str,
    description: str,
) -> S:
    """Like ``parse``, for a process's entry point: answers ``--help``, and explains a bad value.

    Raises:
        SystemExit: 0 after the help was printed; 2 after an error that names the flag and the remedy.
    """
    if "--help" in argv or "-h" in argv:
        sys.stdout.write(render_help(options_of(settings_type), program, description))
        raise SystemExit(0)
    try:
        return parse(settings_type, argv, environ)
    except SettingsError as error:
        sys.stderr.write(f"{program}: {error}\n{program} --help lists every setting.\n")
        raise SystemExit(2) from None


def describe(settings: object) -> dict[str, object]:
    """Returns the settings by field name, fit for a log line: secrets are replaced by a mark."""
    return {
        option.name: option.shown(getattr(settings, option.name)) for option in options_of(type(settings))
    }


def changed(settings: object) -> dict[str, object]:
    """Returns, like ``describe``, only the settings that differ from their default."""
    return {
        option.name: option.shown(value)
        for option in options_of(type(settings))
        if (value := getattr(settings, option.name)) != option.default
    }


def option_table(settings_type: type) -> list[Option]:
    """Returns one row per setting, in order of declaration with the binary's own settings first."""
    return options_of(settings_type)
