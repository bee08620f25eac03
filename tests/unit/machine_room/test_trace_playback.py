"""The trace: what is shipped, how it plays, and what a bad file is told."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from common.service.settings import SettingsError
from deploy.local.machine_room.__main__ import SHIPPED_TRACE
from deploy.local.machine_room.playback import Playback
from deploy.local.machine_room.trace import NOTHING, LoadTrace, read_trace
from deploy.local.traces import generate
from tests.unit.machine_room.rooms_for_tests import CHAT


@pytest.fixture
def playback() -> Playback:
    busier = CHAT._replace(requests_per_second=40.0)
    return Playback(LoadTrace({"chat": [(10.0, busier), (0.0, CHAT)]}))


def test_the_shipped_trace_is_what_its_script_makes() -> None:
    made = io.StringIO()
    with redirect_stdout(made):
        generate.main()
    assert made.getvalue() == SHIPPED_TRACE.read_text()


def test_the_shipped_trace_has_two_services_with_ramps_and_a_burst() -> None:
    trace = read_trace(SHIPPED_TRACE)
    assert trace.services == ["vllm-chat", "vllm-code"]
    assert 120 <= trace.seconds <= 180
    chat = [trace.demand("vllm-chat", second).requests_per_second for second in (5, 70, 104)]
    assert chat[0] < 3
    assert 40 < chat[1] < 60
    assert chat[2] > 60


def test_it_stands_at_its_first_second_until_it_is_started(playback: Playback) -> None:
    assert playback.demand("chat", 500.0) == CHAT
    playback.start(500.0, speed=2.0)
    assert playback.demand("chat", 504.9).requests_per_second == 20.0
    assert playback.demand("chat", 505.0).requests_per_second == 40.0
    assert playback.demand("chat", 9999.0).requests_per_second == 40.0


def test_a_factor_multiplies_until_it_is_taken_back(playback: Playback) -> None:
    playback.set_factor("chat", 1.5)
    assert playback.demand("chat", 0.0).requests_per_second == 30.0
    playback.set_factor("chat", None)
    playback.set_factor("chat", None)
    assert playback.demand("chat", 0.0) == CHAT


def test_an_unknown_service_gets_nothing(playback: Playback) -> None:
    assert playback.demand("mail", 0.0) == NOTHING
    assert not playback.serves("mail")


@pytest.mark.parametrize(
    "content",
    [
        "second,service\n0,chat\n",
        "second,service,requests_per_second,prompt_tokens,output_tokens\n0,chat,many,1,1\n",
        "second,service,requests_per_second,prompt_tokens,output_tokens\n0,chat,1\n",
    ],
    ids=["columns missing", "not a number", "short row"],
)
def test_a_bad_file_is_refused_with_its_name_and_the_columns(tmp_path: Path, content: str) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"--trace: .*trace\.csv.*requests_per_second"):
        read_trace(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.csv"):
        read_trace(tmp_path / "absent.csv")
