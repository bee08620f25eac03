"""Streams are cut into lines wherever the chunks fall."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.kube import ConnectionFailed
from common.kube.lines import LineSplitter


@given(lines=st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line)), seed=st.integers())
def test_lines_do_not_depend_on_where_chunks_end(lines: list[bytes], seed: int) -> None:
    stream, rng, splitter = b"".join(line + b"\n" for line in lines), random.Random(seed), LineSplitter(10**6)
    found: list[bytes] = []
    while stream:
        size = rng.randint(1, 20)
        found += splitter.feed(stream[:size])
        stream = stream[size:]
    assert found == lines
    assert splitter.pending_bytes == 0


def test_a_cut_off_line_is_pending_and_never_given_out() -> None:
    splitter = LineSplitter(100)
    assert splitter.feed(b'{"whole":1}\n{"cut') == [b'{"whole":1}']
    assert splitter.pending_bytes == 5


def test_an_event_of_five_megabytes_passes() -> None:
    splitter = LineSplitter(64 * 1024 * 1024)
    found = [line for _ in range(80) for line in splitter.feed(b"x" * 65536)]
    found += splitter.feed(b"\n")
    assert [len(line) for line in found] == [80 * 65536]


def test_an_insane_line_is_an_error_that_names_the_setting() -> None:
    splitter = LineSplitter(1000)
    with pytest.raises(ConnectionFailed, match="max_line_bytes"):
        splitter.feed(b"x" * 1001)
