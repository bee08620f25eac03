"""Whether a program says over HTTP that it is ready."""

import http.client
import ssl
import urllib.request

_ANSWER_SECONDS = 2.0


def answers(url: str, tls: ssl.SSLContext | None = None) -> bool:
    """Whether the URL is answered with 200 in time; any other answer, and none, is a no."""
    try:
        with urllib.request.urlopen(url, context=tls, timeout=_ANSWER_SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False
