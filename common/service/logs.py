"""Structured logs: a message with ``extra`` fields, as a line for people or an object for pipelines."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, TextIO

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRET_NAME: Final = re.compile(
    r"(^|_)(token|password|private_key|authorization|credentials?)$", re.IGNORECASE
)
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_NEEDS_QUOTES: Final = re.compile(r'[\s="]|^$')
_REDACTED: Final = "(redacted)"


def configure(level: str, log_format: str, stream: TextIO | None = None) -> None:
    """Sends all logs of the process to one stream (standard error) in one format.

    Args:
        level: "debug", "info", "warning" or "error".
        log_format: "text" or "json".
        stream: Where to; standard error when not given.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # One line per scrape and probe would drown what the program itself has to say.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


class TextFormatter(logging.Formatter):
    """``time level logger message key=value ...``, one line per record but for tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        """Formats a record."""
        head = f"{_time(record)} {record.levelname:<7} {record.name} {_one_line(redact(record.getMessage()))}"
        line = " ".join([head, *(f"{key}={_quoted(value)}" for key, value in fields(record))])
        trouble = _traceback(self, record)
        return f"{line}\n{trouble}" if trouble else line


class JsonFormatter(logging.Formatter):
    """One JSON object per line: ``time``, ``level``, ``logger``, ``message``, and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Formats a record."""
        entry: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        for key, value in fields(record):
            entry.setdefault(key, value)
        trouble = _traceback(self, record)
        if trouble:
            entry["exception"] = trouble
        return json.dumps(entry, default=str, ensure_ascii=False)


def fields(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    """Yields the extra fields of a record; what looks like a credential is left out."""
    for key, value in vars(record).items():
        if key in _STANDARD:
            continue
        if _SECRET_NAME.search(key):
            yield key, _REDACTED
        else:
            yield key, redact(value) if isinstance(value, str) else value


def redact(text: str) -> str:
    """Returns text with the credentials of HTTP headers taken out."""
    return _BEARER.sub(rf"\1 {_REDACTED}", text)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _quoted(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if _NEEDS_QUOTES.search(text) else text


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = [formatter.formatException(record.exc_info)] if record.exc_info else []
    parts += [formatter.formatStack(record.stack_info)] if record.stack_info else []
    return redact("\n".join(parts))
