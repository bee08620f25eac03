"""Exposition text of exporters whose values the tests know."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Pages:
    """Serves one page per path; a page is text, or a function of the seconds since the start."""

    def __init__(self, pages):
        self.pages = pages
        self.began = time.monotonic()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                page = owner.pages.get(self.path)
                text = page(time.monotonic() - owner.began) if callable(page) else page
                body = (text or "").encode()
                self.send_response(200 if body else 503)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self._server.server_port}"

    def job(self, path, *, honor_labels=True, **labels):
        """A scrape configuration of one page, with labels of its target."""
        return {
            "job_name": path.strip("/"),
            "metrics_path": path,
            "honor_labels": honor_labels,
            "static_configs": [{"targets": [self.address], "labels": labels}],
        }

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
