"""A body is read whole, or not kept at all."""

from hypothesis import given
from hypothesis import strategies as st

from common.http.bounded import read_at_most


class Content:
    """A body that arrives in parts, and how many of them were taken."""

    def __init__(self, parts):
        self._parts = list(parts)
        self.taken = 0

    async def readany(self):
        self.taken += 1
        return self._parts.pop(0) if self._parts else b""


@given(st.lists(st.binary(min_size=1, max_size=8), max_size=6), st.integers(0, 30))
async def test_within_the_bound_it_is_whole_and_beyond_it_there_is_none(parts, most_bytes):
    whole = b"".join(parts)
    assert await read_at_most(Content(parts), most_bytes) == (whole if len(whole) <= most_bytes else None)


async def test_what_has_no_end_is_not_read_on():
    content = Content([b"x" * 10] * 1000)
    assert await read_at_most(content, 25) is None
    assert content.taken == 3
