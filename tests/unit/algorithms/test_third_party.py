"""Third parties' algorithms: in a process of their own, bounded, checked; what fails is named."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from common.algorithms.errors import AlgorithmError
from common.algorithms.registry import read_parameters
from common.algorithms.third_party.algorithm import ThirdPartyAlgorithm
from common.algorithms.third_party.discover import Offer, discover
from common.algorithms.third_party.process import Limits
from tests.unit.algorithms.instances import snapshot

ROOT = Path(__file__).parents[3]
PLUGINS = str(Path(__file__).parent / "plugins")
INSTANCE = snapshot(
    [-1, 0], [1000, 600], [1, 1, 0], [100] * 3, [500] * 3, [], current=[150, 150, 150],
    max_frequency=[1410] * 3,
)  # fmt: skip


@pytest.fixture
def stranger():
    made = []

    def start(name, **limits):
        offer = Offer(name.lower(), f"strangers:{name}", "strangers 0.1", (PLUGINS,))
        made.append(ThirdPartyAlgorithm(offer, Limits(**{"answer_seconds": 5.0} | limits)))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The example package, installed into a folder of its own."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("target")
    copytree(ROOT / "deploy/examples/third-party-algorithm", source)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation",
         "--target", str(target), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    return target


def test_the_example_package_is_found_and_divides(installed):
    offer = discover([str(installed)])["proportional-share"]
    assert offer.package == "climatik-proportional-share 1.0.0"
    algorithm = ThirdPartyAlgorithm(offer)
    try:
        parameters = read_parameters(algorithm.description, {"use-percent": "50"})
        plan = algorithm.plan(INSTANCE, parameters)
    finally:
        algorithm.close()
    assert plan.watts.tolist() == [200, 200, 216]
    assert plan.notes == ("an example, not a recommendation",)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Raises", "KeyError: 'rack-7'"),
        ("Crashes", "its process ended (exit status 3)"),
        ("EatsMemory", "ran out of the memory"),
        ("Astronomic", "its answer makes no sense"),
        ("OverCap", "gives group-0 1,500 W under a cap of 1,000 W"),
        ("UnderFloor", "for node-0, 99 W are under its floor"),
        ("Short", "its plan has 2 watts for 3 members"),
        ("Leaps", "for node-0, 500 W are a raise by more than half of its range at once"),
        ("OpensFile", "OSError"),
        ("OpensSocket", "OSError"),
        ("Missing", "AttributeError"),
    ],
)
def test_what_goes_wrong_is_refused_with_package_and_reason(stranger, name, reason):
    with pytest.raises(AlgorithmError) as refused:
        stranger(name).plan(INSTANCE, {})
    assert str(refused.value).startswith(f"{name.lower()} (strangers 0.1): ")
    assert reason in str(refused.value)


def test_one_that_does_not_answer_is_ended_and_rests(stranger):
    slow = stranger("Sleeps", answer_seconds=0.2)
    with pytest.raises(AlgorithmError, match=r"did not answer within 0\.2 s"):
        slow.plan(INSTANCE, {})
    with pytest.raises(AlgorithmError, match=r"within 0\.2 s; it is tried again after 60 s"):
        slow.plan(INSTANCE, {})


@pytest.mark.parametrize("name", ["ReadsEnvironment", "Prints"])
def test_it_sees_no_environment_and_cannot_spoil_the_pipe(stranger, name, monkeypatch):
    monkeypatch.setenv("CLIMATIK_SECRET", "x")
    assert stranger(name).plan(INSTANCE, {}).watts.tolist() == [100, 100, 100]
