"""The TLS context of the live server: certificates are exchanged under it without dropping a connection."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def server_context() -> ssl.SSLContext:
    """Returns a context for TLS 1.2 and later that has no certificate yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The API server speaks HTTP/1.1 to webhooks; naming it spares clients a guess.
    context.set_alpn_protocols(["http/1.1"])
    return context


def use_certificate(context: ssl.SSLContext, pem: bytes) -> None:
    """Makes new handshakes use a certificate chain and key given as one PEM text.

    Raises:
        ssl.SSLError: The text is no certificate with its key.
    """
    with _readable(pem) as path:
        context.load_cert_chain(path)


@contextmanager
def _readable(content: bytes) -> Iterator[str]:
    """Gives content a path while it is read: in memory where the system can, so that no key meets a disk."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("climatik-leaf", os.MFD_CLOEXEC)
        path = f"/proc/self/fd/{handle}"
    else:
        handle, path = tempfile.mkstemp(prefix="climatik-leaf-")
    try:
        with os.fdopen(handle, "wb", closefd=False) as out:
            out.write(content)
        yield path
    finally:
        os.close(handle)
        if not path.startswith("/proc/"):
            os.unlink(path)
