"""The doctor's exit status and reports."""

import json

import pytest

from climatik.__main__ import main
from climatik.doctor.facts import Facts, Row
from climatik.doctor.questions import BOARDS, KEPLER_NODES, PRESENT

NODES = {"__name__": "kepler_node_cpu_watts"}
BOARD = {"__name__": "DCGM_FI_DEV_POWER_USAGE", "UUID": "GPU-1"}


@pytest.fixture
def seen(monkeypatch):
    def sees(**answers):
        async def read_facts(_prometheus, _clock):
            return Facts(0.0, {PRESENT: [Row(NODES, 1)], **answers}, problems=["partial answer"])

        monkeypatch.setattr("climatik.commands.doctor.read_facts", read_facts)

    return sees


URL = ["--prometheus-url", "http://127.0.0.1:1"]


def test_clean_is_0_and_tells_what_was_looked_at(seen, capsys):
    seen()
    assert main(["doctor", *URL]) == 0
    assert capsys.readouterr().out == "sources: kepler\nnote: partial answer\nnothing is wrong\n"


def test_findings_are_1_and_told_with_their_remedy(seen, capsys):
    seen(**{BOARDS: [Row(BOARD, 300)]})
    assert main(["doctor", *URL]) == 1
    page = capsys.readouterr().out
    assert "warning: limits-missing" in page
    assert "do:   add to the DCGM exporter's counters: DCGM_FI_DEV_ENFORCED_POWER_LIMIT" in page


def test_json_has_id_severity_what_was_seen_and_remedy(seen, capsys):
    seen(**{BOARDS: [Row(BOARD, 300)], KEPLER_NODES: [Row({"zone": "core"}, 1)]})
    assert main(["doctor", "--json", *URL]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["sources"] == ["kepler (zones: core)"]
    assert {"limits-missing", "kepler-without-pods"} == {each["id"] for each in report["findings"]}
    assert all(set(each) == {"id", "severity", "seen", "remedy"} for each in report["findings"])


@pytest.mark.parametrize(
    "arguments", [[], ["--prometheus-url", "http://127.0.0.1:1"]], ids=["no-url", "no-answer"]
)
def test_what_cannot_be_looked_at_is_2(arguments, monkeypatch, capsys):
    monkeypatch.delenv("CLIMATIK_PROMETHEUS_URL", raising=False)
    assert main(["doctor", *arguments]) == 2
    assert "climatik doctor:" in capsys.readouterr().err
