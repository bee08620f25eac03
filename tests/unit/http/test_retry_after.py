"""What a server says of when to come back is taken at its word, or not at all."""

import pytest

from common.http.retry_after import retry_after_seconds

CASES = [
    ("120", 120.0),
    (" 7 ", 7.0),
    ("0", 0.0),
    ("", None),
    ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ("-5", None),
    ("nan", None),
    ("inf", None),
    ("\u00b2", None),
]


@pytest.mark.parametrize(("header", "seconds"), CASES)
def test_only_whole_seconds_count(header: str, seconds: float | None) -> None:
    assert retry_after_seconds(header) == seconds
