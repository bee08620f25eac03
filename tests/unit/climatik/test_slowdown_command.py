"""``climatik slowdown``: from a table, from probes or from nothing, with an interval; bad input is named."""

import re

import pytest

from climatik.__main__ import main

HEADER = "workload,family,power_limit,seconds,average_power"


def rows(name, family, power, draw):
    return [
        f"{name},{family},{limit},{10 * (draw / min(limit, draw)) ** power:.3f},{min(limit, draw)}"
        for limit in (100, 150, 200, 250, 300)
    ]


@pytest.fixture
def table(tmp_path):
    lines = [HEADER]
    for number, (power, draw) in enumerate([(0.3, 290), (0.5, 260), (0.6, 240), (0.4, 270), (0.5, 280)]):
        lines += rows(f"job-{number}", f"family-{number % 3}", power, draw)
    path = tmp_path / "sweeps.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def answer(capsys, *arguments):
    code = main(["slowdown", *arguments])
    return code, capsys.readouterr()


def watts(text):
    return [float(found) for found in re.findall(r"(\d+) W on \(90 % interval (\d+) to (\d+) W", text)[0]]


def test_power_at_a_slowdown_has_an_interval(capsys, table):
    code, said = answer(capsys, "--sweeps", table, "--draw", "270", "--power-at-slowdown", "0.05")
    middle, low, high = watts(said.out)
    assert code == 0
    assert low <= middle <= high <= 300
    assert "from 5 measured workloads" in said.out


def test_a_larger_slowdown_needs_fewer_watts(capsys, table):
    found = [
        watts(answer(capsys, "--sweeps", table, "--draw", "270", "--power-at-slowdown", share)[1].out)[0]
        for share in ("0.02", "0.1", "0.3")
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


def test_without_a_table_what_gpus_do_in_general_counts(capsys):
    code, said = answer(capsys, "--draw", "280", "--limits", "100:400", "--power-at-slowdown", "0.1")
    assert code == 0
    assert "from what GPUs do in general" in said.out
    assert 100 <= watts(said.out)[0] <= 280


def test_a_workload_of_the_table_is_predicted_from_others_and_its_probes(capsys, table):
    code, said = answer(capsys, "--sweeps", table, "--workload", "job-1", "--probes", "100,200,300")
    assert code == 0
    assert "from 3 probes of its own and 3 measured workloads" in said.out
    first = said.out.splitlines()[2].split()
    assert float(first[0]) == 100
    assert float(first[1]) == pytest.approx(100 * (2.6**0.5 - 1), abs=8)


def test_probes_from_the_command_line(capsys):
    code, said = answer(capsys, "--draw", "280", "--limits", "100:300", "--probes", "100=16,200=11.5,300=10")
    assert code == 0
    assert "3 probes" in said.out


BAD = {
    "no draw": (["--limits", "100:400"], "--draw"),
    "no limits": (["--draw", "200"], "--limits"),
    "limits the wrong way": (["--draw", "200", "--limits", "400:100"], "--limits"),
    "limits no numbers": (["--draw", "200", "--limits", "a:b"], "--limits"),
    "slowdown negative": (["--draw", "200", "--limits", "1:4", "--power-at-slowdown", "-1"], "at least 0"),
    "probe without seconds": (["--draw", "200", "--limits", "100:400", "--probes", "150"], "--probes: 150"),
    "probe of nothing": (["--draw", "200", "--limits", "100:400", "--probes", "x=1"], "--probes: x=1"),
    "draw without end": (["--draw", "inf", "--limits", "100:400"], "--draw"),
    "limits without end": (["--draw", "200", "--limits", "100:inf"], "--limits"),
    "probe without end": (
        ["--draw", "200", "--limits", "100:400", "--probes", "200=inf"],
        "--probes: 200=inf",
    ),
    "workload without table": (["--workload", "x"], "--workload"),
}


@pytest.mark.parametrize(("arguments", "text"), BAD.values(), ids=BAD.keys())
def test_bad_arguments_are_named(capsys, arguments, text):
    code, said = answer(capsys, *arguments)
    assert code == 2
    assert text in said.err


@pytest.mark.parametrize(
    "content", [None, b"a,b\n1,2\n", b"\x7fELF\xd0\x9d\xff"], ids=["missing", "no table", "no text"]
)
def test_a_bad_file_is_named(capsys, tmp_path, content):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    code, said = answer(capsys, "--sweeps", str(path), "--draw", "100")
    assert code == 1
    assert "--sweeps" in said.err
    assert str(path) in said.err
