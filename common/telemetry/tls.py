"""TLS towards Prometheus, with a certificate of our own where it asks for one."""

from __future__ import annotations

import ssl

from common.telemetry.errors import TelemetryRefusedError


def tls_context(ca_file: str, cert_file: str, key_file: str) -> ssl.SSLContext | bool:
    """Returns what aiohttp takes: a context, or True for the system's authorities and no certificate.

    Raises:
        TelemetryRefusedError: A file cannot be read, or holds something else.
    """
    if not ca_file and not cert_file:
        return True
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
        if cert_file:
            context.load_cert_chain(cert_file, key_file or None)
    except OSError as error:  # ssl.SSLError is one, too
        files = ", ".join(filter(None, (ca_file, cert_file, key_file)))
        raise TelemetryRefusedError(
            f"cannot use the TLS files {files}: {error}; both have to be PEM, and key and certificate a pair"
        ) from error
    return context
