"""How a webhook in a process of its own and whoever started it find each other: by two files in a folder."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from admission.authority import new_authority
from admission.leaf import issue_leaf
from admission.tls_context import server_context, use_certificate
from deploy.local.processes import wait_until

_PORT, _AUTHORITY = "port", "ca.pem"


def authority_of(folder: Path) -> Path:
    """Returns the file of whom to trust."""
    return folder / _AUTHORITY


def port_of(folder: Path, what: str, check: Callable[[], None]) -> int:
    """Waits until the server has told its port, and returns it; ``check`` raises if it has ended."""
    wait_until((folder / _PORT).exists, what, timeout_seconds=30, check=check)
    return int((folder / _PORT).read_text())


def new_context(folder: Path) -> ssl.SSLContext:
    """Returns the server's TLS context for 127.0.0.1, under a new authority that it leaves in the folder."""
    now = datetime.now(UTC)
    authority, context = new_authority(now), server_context()
    use_certificate(context, issue_leaf(authority, ["127.0.0.1"], timedelta(hours=1), now).pem)
    authority_of(folder).write_bytes(authority.bundle_pem)
    return context


def tell_port(folder: Path, port: int) -> None:
    """Tells the port at which the server answers from now on."""
    fresh = folder / f"{_PORT}.new"
    fresh.write_text(str(port))
    fresh.rename(folder / _PORT)
