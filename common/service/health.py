"""Health: named checks that say what is wrong, for the kubelet's probes and for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Check = Callable[[], str | None]
"""Returns None when all is well, else what is wrong in plain words."""


class Health:
    """The checks of a process: live ones restart it when they fail, ready ones take it out of service."""

    def __init__(self) -> None:
        self._live: dict[str, Check] = {}
        self._ready: dict[str, Check] = {}

    def live(self, name: str, check: Check) -> None:
        """Adds a check whose failure only a restart can cure."""
        self._live[name] = check

    def ready(self, name: str, check: Check) -> None:
        """Adds a check whose failure means: do not send work here now."""
        self._ready[name] = check

    def failures_live(self) -> dict[str, str]:
        """Returns what is wrong, by check."""
        return _failures(self._live)

    def failures_ready(self) -> dict[str, str]:
        """Returns what is wrong, by check; a process that is not live is not ready either."""
        return _failures(self._live) | _failures(self._ready)


def render_failures(failures: Mapping[str, str]) -> str:
    """Returns the body of a probe's answer: ``ok``, or one ``name: what is wrong`` line per failed check."""
    return "".join(f"{name}: {wrong}\n" for name, wrong in sorted(failures.items())) or "ok\n"


def _failures(checks: Mapping[str, Check]) -> dict[str, str]:
    results = {name: _run(check) for name, check in checks.items()}
    return {name: wrong for name, wrong in results.items() if wrong}


def _run(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:  # a check that breaks is a failed check, never a broken probe
        return f"the check itself failed: {type(error).__name__}: {error}"
