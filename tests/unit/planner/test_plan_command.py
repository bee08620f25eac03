"""``climatik plan`` as users see it."""

import json
import math

import pytest

from climatik.__main__ import main
from climatik.plan.question import Question, load, save
from recommender.planner.service_state import Weights
from tests.unit.planner.services import service


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "snapshot.json"
    services = (service("chat"), service("mail", model=None))
    save(Question(services, 4000.0, Weights(usd_per_kwh=0.1)), path)
    return str(path)


def test_a_snapshot_comes_back_as_it_was(tmp_path):
    path = tmp_path / "snapshot.json"
    question = Question(
        (service("chat", priority=3), service("new", model=None)), None, Weights(gco2_per_kwh=9.0)
    )
    save(question, path)
    assert load(path) == question


def test_every_row_has_its_reason(capsys, snapshot):
    assert main(["plan", "--from-file", snapshot]) == 0
    shown = capsys.readouterr().out
    assert "cap 4000 W" in shown
    assert "% of 2000 tokens/s" in shown
    assert "nothing measured yet" in shown
    assert "one more watt serves" in shown


def test_without_a_cap_it_says_so(capsys, tmp_path):
    save(Question((service(),)), tmp_path / "free.json")
    assert main(["plan", "--from-file", str(tmp_path / "free.json")]) == 0
    assert "no cap" in capsys.readouterr().out


def test_a_service_without_watts_is_shown(capsys, tmp_path):
    services = (service("chat", priority=1), service("big", least_replicas=20))
    save(Question(services, 1500.0), tmp_path / "tight.json")
    assert main(["plan", "--from-file", str(tmp_path / "tight.json")]) == 0
    assert "minimum of 20 replicas" in capsys.readouterr().out


def test_what_if_shows_both_sides(capsys, snapshot):
    assert main(["plan", "--from-file", snapshot, "--what-if", "cap=2500"]) == 0
    shown = capsys.readouterr().out
    assert "→" in shown
    assert "before: " in shown
    assert "(cap 4000 W)" in shown
    assert "after: " in shown
    assert "(cap 2500 W)" in shown


def test_json_holds_before_and_after(capsys, snapshot):
    changes = ["default/chat.replicas=4", "price=0.30"]
    arguments = [part for change in changes for part in ("--what-if", change)]
    assert main(["plan", "--from-file", snapshot, "--json", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["what_if"] == changes
    assert told["after"]["rows"][0]["replicas"] == 4 != told["before"]["rows"][0]["replicas"]
    per_watt = [told[side]["usd_per_hour"] / told[side]["expected_watts"] for side in ("before", "after")]
    assert per_watt[1] == pytest.approx(3 * per_watt[0])


def test_json_without_a_change_is_the_plan_alone(capsys, snapshot):
    assert main(["plan", "--from-file", snapshot, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cap_watts"] == 4000.0
    assert told["planned_watts"] <= 4000.0
    assert {row["deployment"] for row in told["rows"]} == {"chat", "mail"}


def test_each_row_tells_what_a_watt_is_worth_there(capsys, snapshot):
    assert main(["plan", "--from-file", snapshot, "--json", "--cap", "2500"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    worth = {row["deployment"]: row["tokens_per_second_per_watt"] for row in rows}
    assert worth["chat"] > 0.0 == worth["mail"]


def test_a_cap_goes_before_that_of_the_snapshot_and_is_saved(tmp_path, snapshot):
    kept = tmp_path / "kept.json"
    assert main(["plan", "--from-file", snapshot, "--cap", "5000", "--save", str(kept)]) == 0
    assert load(kept).cap_watts == 5000.0


@pytest.mark.parametrize("cap", ["-1", "0", "nan", "inf"])
def test_a_bad_cap_is_wrong_usage(capsys, cap):
    assert main(["plan", f"--cap={cap}"]) == 2
    assert "--cap: must be a number of watts above 0" in capsys.readouterr().err


@pytest.mark.parametrize("weight", ["-1", "nan", "inf"])
def test_a_bad_weight_is_wrong_usage(capsys, weight):
    assert main(["plan", f"--watts-per-usd-hour={weight}"]) == 2
    assert "--watts-per-usd-hour: must be a number of watts, 0 or more" in capsys.readouterr().err


class Answers:
    """An API server that answers every request."""

    async def request(self, method, path, *, query):
        return b"{}"


def test_a_cluster_that_cannot_be_reached_is_told_and_not_waited_for(capsys, tmp_path):
    path = tmp_path / "kubeconfig"
    path.write_text(
        json.dumps({
            "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:9"}}],
            "users": [{"name": "a", "user": {}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "current-context": "a",
        })
    )  # fmt: skip
    assert main(["plan", "--kubeconfig", str(path)]) == 1
    told = capsys.readouterr().err
    assert "Cannot connect to host 127.0.0.1:9" in told
    assert "--kubeconfig" in told


@pytest.mark.parametrize("problem", ["no connection to http://p:9090", ""])
def test_why_nothing_is_measured_is_told_beside_the_plan(monkeypatch, capsys, problem):
    class Sources:
        """A cluster with one Deployment, of which Prometheus tells nothing."""

        def __init__(self, settings):
            self.problem = problem

        async def open(self, stack):
            return Answers(), None

        async def prepare(self, client, stack):
            pass

        def services(self):
            return [service("mail").key]

        def state(self, key):
            return service("mail", model=None)

    monkeypatch.setattr("climatik.plan.run.Sources", Sources)
    assert main(["plan", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["rows"][0]["deployment"] == "mail"
    assert (f"{problem}; services are planned from nameplates" in told.err) is bool(problem)


@pytest.mark.parametrize("content", ["{", "{}", '{"services": [{"key": ["default", "chat"]}]}'])
def test_a_file_that_is_no_snapshot_names_flag_and_remedy(capsys, tmp_path, content):
    path = tmp_path / "broken.json"
    path.write_text(content)
    assert main(["plan", "--from-file", str(path)]) == 2
    told = capsys.readouterr().err
    assert "--from-file" in told
    assert "--save FILE" in told


def test_an_absent_file_is_named(capsys, tmp_path):
    assert main(["plan", "--from-file", str(tmp_path / "absent.json")]) == 2
    assert "absent.json" in capsys.readouterr().err


def test_a_cap_below_every_minimum_tells_what_would_do(capsys, snapshot):
    assert main(["plan", "--from-file", snapshot, "--what-if", "cap=10"]) == 1
    told = capsys.readouterr().err
    assert "below the minimum" in told
    assert "minReplicas" in told


def test_plans_never_exceed_the_cap_that_is_asked_for(capsys, snapshot):
    for cap in range(1200, 6000, 400):
        assert main(["plan", "--from-file", snapshot, "--json", "--what-if", f"cap={cap}"]) == 0
        told = json.loads(capsys.readouterr().out)["after"]
        assert told["planned_watts"] <= cap + 1e-6
        assert math.isfinite(told["tokens_per_second_per_watt"])
