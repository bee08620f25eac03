"""TLS towards Prometheus, with a certificate of our own where it asks for one."""

from __future__ import annotations

import ssl

from common.http.file_mark import FileMark, file_mark
from common.telemetry.errors import TelemetryRefusedError


class TlsFiles:
    """Certificates that may be renewed under way.

    Args:
        ca_file: Certificate authority; empty for the system's.
        cert_file: Certificate that is shown; empty for none.
        key_file: Its key; empty where the certificate file holds it too.
    """

    def __init__(self, ca_file: str, cert_file: str, key_file: str) -> None:
        self._files = ca_file, cert_file, key_file
        self._marks: list[FileMark] | None = None
        self._context: ssl.SSLContext | bool = True

    def context(self) -> ssl.SSLContext | bool:
        """Returns what ``tls_context`` makes of the files as they are now.

        Raises:
            TelemetryRefusedError: They cannot be used at the first attempt. Later the last context stays in
                use, since files may be half-written.
        """
        marks = [file_mark(path) for path in self._files]
        if marks != self._marks:
            try:
                self._context, self._marks = tls_context(*self._files), marks
            except TelemetryRefusedError:
                if self._marks is None:
                    raise
        return self._context


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
