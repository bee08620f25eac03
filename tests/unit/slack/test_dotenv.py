"""Variables from a file ``.env``."""

import pytest

from common.service.dotenv import parse_dotenv, with_dotenv


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A=b", {"A": "b"}),
        ("  A = b  ", {"A": "b"}),
        ("export A=b", {"A": "b"}),
        ("A='b c'", {"A": "b c"}),
        ('A="b # c"', {"A": "b # c"}),
        ("A=b # c", {"A": "b"}),
        ("A=b#c", {"A": "b#c"}),
        ("A=", {"A": ""}),
        ("A=#c", {"A": ""}),
        ("A=b=c", {"A": "b=c"}),
        ("# A=b", {}),
        ("A", {}),
        ("1A=b", {}),
        ("", {}),
        ("A='b", {"A": "'b"}),
    ],
)
def test_lines(line, expected):
    assert parse_dotenv(line) == expected


def test_environment_wins(tmp_path):
    (tmp_path / ".env").write_text("A=file\nB=file\n")
    assert with_dotenv({"A": "own"}, tmp_path / ".env") == {"A": "own", "B": "file"}


def test_no_file_is_no_error(tmp_path):
    assert with_dotenv({"A": "b"}, tmp_path / "none") == {"A": "b"}
    assert with_dotenv({"A": "b"}, tmp_path) == {"A": "b"}


def test_names_of_the_origin_are_understood_and_ours_win(tmp_path):
    (tmp_path / ".env").write_text("PROMETHEUS_HOST=http://p:9090\n")
    assert with_dotenv({}, tmp_path / ".env")["CLIMATIK_PROMETHEUS_URL"] == "http://p:9090"
    own = {"CLIMATIK_PROMETHEUS_URL": "http://own:9090"}
    assert with_dotenv(own, tmp_path / ".env")["CLIMATIK_PROMETHEUS_URL"] == "http://own:9090"
