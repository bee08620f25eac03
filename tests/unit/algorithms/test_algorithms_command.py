"""``climatik algorithms`` names what a policy may use, and how to write it there."""

import yaml

from climatik.__main__ import main as climatik
from common.algorithms.registry import find_algorithm, known_algorithms, read_parameters


def test_the_list_has_every_algorithm_with_its_summary(capsys):
    assert climatik(["algorithms", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == known_algorithms()
    assert any(line.startswith("water-filling") and " default " in line for line in lines)


def test_the_example_that_show_prints_is_valid_in_a_policy(capsys):
    for name in known_algorithms():
        assert climatik(["algorithms", "show", name]) == 0
        example = yaml.safe_load(capsys.readouterr().out.split("in a policy:")[1])
        (chosen,) = example["customAlgorithms"]
        assert (
            read_parameters(find_algorithm(chosen["name"]).description, chosen.get("parameters", {}))
            is not None
        )


def test_an_unknown_name_is_answered_with_those_known(capsys):
    assert climatik(["algorithms", "show", "polka"]) == 1
    assert "known are: dynamic-frequency-scaler" in capsys.readouterr().err
