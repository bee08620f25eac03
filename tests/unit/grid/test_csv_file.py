"""A file of timestamps and values, in the shapes that archives publish."""

from datetime import UTC, datetime

import pytest

from common.grid.csv_file import CsvFile
from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.series import Signal


def source(tmp_path, text, column=""):
    path = tmp_path / "price.csv"
    path.write_text(text)
    return CsvFile(path, Signal.PRICE, "USD/MWh", column)


async def test_naive_and_aware_timestamps_are_the_same_instants(tmp_path):
    text = "datetime,value\n2026-03-29 00:00:00,1\n2026-03-29 03:00:00+02:00,2\n2026-03-29T02:00:00Z,3\n"
    series = await source(tmp_path, text).fetch()
    assert [point.start.hour for point in series.points] == [0, 1, 2]
    assert {point.seconds for point in series.points} == {3600}


async def test_a_column_is_chosen_by_name_and_an_empty_cell_is_a_gap(tmp_path):
    text = "t,direct,lca\n2026-01-01 00:00:00,1,10\n2026-01-01 01:00:00,2,\n2026-01-01 02:00:00,3,30\n"
    series = await source(tmp_path, text, "lca").fetch()
    assert [point.value for point in series.points] == [10, 30]
    assert series.at(datetime(2026, 1, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "column", "match"),
    [
        ("t,a\n2026-01-01,1\n", "b", "no column b; it has t, a"),
        ("t\n2026-01-01\n", "", "no column"),
        ("t,a\nsoon,1\n", "", "line 2 has 'soon' where a timestamp"),
        ("t,a\n2026-01-01,cheap\n", "", "line 2 has 'cheap' where a number"),
    ],
    ids=["unknown column", "one column", "bad time", "bad number"],
)
async def test_a_bad_file_is_refused_by_line(tmp_path, text, column, match):
    with pytest.raises(GridRefusedError, match=match):
        await source(tmp_path, text, column).fetch()


async def test_a_missing_file_may_come_later(tmp_path):
    with pytest.raises(GridUnavailableError, match="check the path"):
        await CsvFile(tmp_path / "none.csv", Signal.PRICE, "USD/MWh").fetch()
