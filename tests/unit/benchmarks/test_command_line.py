"""``python -m benchmarks``: discovery, skipping, and the JSON that others read."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.registry import Benchmark, Metrics, discover


def _measure(arguments: Namespace) -> Metrics:
    return {"seconds": 1.5, "rounds": 3}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = [
        Benchmark("quick", "measures nothing", _measure),
        Benchmark("fed", "needs data", _measure, data=("traces",)),
    ]
    monkeypatch.setattr(command, "discover", lambda: {each.name: each for each in fakes})


def test_every_module_that_defines_a_benchmark_is_found() -> None:
    files = Path(command.__file__).parent.rglob("*.py")
    defining = [file for file in files if "\nBENCHMARK = " in file.read_text()]
    assert len(discover()) == len(defining) > 10


def test_list_names_each_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    assert "measures nothing" in capsys.readouterr().out


def test_json_holds_name_metrics_and_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["quick", "--json", str(tmp_path / "new" / "out.json")]) == 0
    document = json.loads((tmp_path / "new" / "out.json").read_text())
    assert document["name"] == "quick"
    assert document["metrics"] == {"seconds": 1.5, "rounds": 3}
    assert {"cores", "memory_gib", "python", "kernel"} <= document["environment"].keys()
    assert "seconds" in capsys.readouterr().out


def test_missing_data_is_one_clear_line_and_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    assert command.main(["fed", "--data", str(tmp_path), "--json", str(out)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    document = json.loads(out.read_text())
    assert document["metrics"] == {}
    assert "traces" in document["skipped"]
