"""Failures of a service are told apart by whether asking again can help."""

import pytest

from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.http import Http
from common.grid.secret import SecretText
from tests.unit.grid.dialect_server import serving


@pytest.mark.parametrize(
    ("answer", "error", "retry_after"),
    [
        ((429, {}, {"Retry-After": "120"}), GridUnavailableError, 120.0),
        ((503, {}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), GridUnavailableError, None),
        ((500, {}), GridUnavailableError, None),
        ((404, {}), GridRefusedError, None),
        ((301, {}), GridRefusedError, None),
    ],
    ids=["too many", "busy", "broken", "unknown", "moved without a place"],
)
async def test_statuses(answer, error, retry_after):
    async with serving({"/": answer}) as (server, http):
        with pytest.raises(error) as failed:
            await http.get(server.url + "/", query={"token": "hush"})
    assert getattr(failed.value, "retry_after_seconds", None) == retry_after
    assert "hush" not in str(failed.value)


async def test_a_silent_server_is_given_up_after_the_deadline():
    async with serving({"/": ("hang", {})}, deadline_seconds=0.05) as (server, http):
        with pytest.raises(GridUnavailableError, match=r"0\.05 s"):
            await http.get(server.url + "/")


async def test_an_endless_answer_is_cut_off():
    async with serving({"/": (200, b"x" * 5000)}, most_bytes=4096) as (server, http):
        with pytest.raises(GridRefusedError, match="more than 4096 bytes"):
            await http.get(server.url + "/")


@pytest.mark.parametrize(
    "sent", [{"headers": {"auth-token": "two\nlines"}}, {"basic": ("a:b", "hush")}], ids=["header", "basic"]
)
async def test_a_credential_that_cannot_be_sent_is_refused_and_not_quoted(sent):
    async with serving({"/": (200, {})}) as (server, http):
        with pytest.raises(GridRefusedError, match="credential") as failed:
            await http.get(server.url + "/", **sent)
    assert "two" not in str(failed.value)
    assert "hush" not in str(failed.value)


async def test_no_connection_may_come_back():
    async with Http() as http:
        with pytest.raises(GridUnavailableError, match="cannot reach"):
            await http.get("http://127.0.0.1:1/", query={"token": "hush"})


def test_a_credential_comes_from_the_file_before_the_environment(tmp_path):
    file = tmp_path / "token"
    file.write_text("  from-the-secret\n")
    assert SecretText("NAME", str(file)).read({"NAME": "from-the-environment"}) == "from-the-secret"
    assert SecretText("NAME").read({"NAME": "from-the-environment"}) == "from-the-environment"


@pytest.mark.parametrize("content", [None, "", b"\xff\xfe"], ids=["missing", "empty", "no text"])
def test_a_credential_file_that_holds_none_is_named(tmp_path, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(GridRefusedError, match="credential file"):
        SecretText(file=str(file)).read({})


def test_a_variable_that_is_not_set_is_named():
    with pytest.raises(GridRefusedError, match="EM_TOKEN"):
        SecretText("EM_TOKEN").read({})
