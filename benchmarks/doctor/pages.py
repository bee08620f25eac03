"""A server of metrics whose text is decided by whoever feeds a Prometheus."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

Page: TypeAlias = str | Callable[[float], str]
"""Exposition text, or a function of the seconds since the start."""


class Pages:
    """Serves one page per path; one that is empty or absent answers 503, as an exporter that is down."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self._pages = pages
        self._began = time.monotonic()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    def job(
        self, path: str, labels: Mapping[str, str] | None = None, *, honor_labels: bool = True
    ) -> dict[str, Any]:
        """Returns the scrape configuration of one page, with labels of its target."""
        return {
            "job_name": path.strip("/"),
            "metrics_path": path,
            "honor_labels": honor_labels,
            "static_configs": [{"targets": [self.address], "labels": dict(labels or {})}],
        }

    def close(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _text(self, path: str) -> str:
        page = self._pages.get(path, "")
        return page if isinstance(page, str) else page(time.monotonic() - self._began)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        text = self._text

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = text(self.path).encode()
                self.send_response(200 if body else 503)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                with suppress(ConnectionError):  # whoever scrapes may be stopped in between
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing: scrapes are many."""

        return Handler
