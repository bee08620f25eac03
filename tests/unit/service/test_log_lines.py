"""Log lines: key=value for people, objects for pipelines, credentials for nobody."""

import io
import json
import logging

import pytest

from common.service.logs import JsonFormatter, TextFormatter, configure


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("climatik.test").makeRecord(
        "climatik.test", logging.INFO, "file.py", 1, message, args, None, extra=extra
    )
    made.created = 1_700_000_000.25
    return made


LINES = {
    "plain": (record("granted"), "granted"),
    "fields": (record("granted", node="n1", watts=300), "granted node=n1 watts=300"),
    "quotes": (record("granted", why="too hot"), 'granted why="too hot"'),
    "empty value": (record("granted", why=""), 'granted why=""'),
    "number": (record("took", seconds=0.123456789), "took seconds=0.123457"),
    "arguments": (record("%d nodes", 3), "3 nodes"),
    "line break": (record("a\nb", why="c\nd"), 'a\\nb why="c\\nd"'),
}


@pytest.mark.parametrize(("entry", "expected"), LINES.values(), ids=LINES.keys())
def test_text_line(entry, expected):
    assert TextFormatter().format(entry) == f"2023-11-14T22:13:20.250Z INFO    climatik.test {expected}"


def test_json_line_is_one_object():
    line = JsonFormatter().format(record("granted\nnow", node="n1", watts=300))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "info",
        "logger": "climatik.test",
        "message": "granted\nnow",
        "node": "n1",
        "watts": 300,
    }


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_credentials_are_left_out(formatter):
    line = formatter.format(
        record("sent Authorization: Bearer abcdefgh123", token="abcdefgh123", header="basic abcdefgh123")
    )
    assert "abcdefgh123" not in line


def test_names_that_merely_contain_token_are_kept():
    assert "tokens_per_second=5" in TextFormatter().format(record("speed", tokens_per_second=5))


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_traceback_is_kept(log_format):
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure("info", log_format, stream)
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("x").exception("failed")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert "ValueError: broken" in stream.getvalue()
