"""Objects keep their meaning between YAML, the wire and the structs."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from common.api.domain import Enforcement, PowerDomain
from common.api.frequencies import BudgetStatus, FrequenciesStatus, NodeFrequencies
from common.api.meta import to_builtins
from common.api.policy import CurrentPower, PolicyStatus, PowerCappingPolicy
from tests.unit.api.schemas import RESOURCES

EXAMPLES = Path(__file__).parents[3] / "deploy" / "examples"
TYPES = {resource.kind: resource.type for resource in RESOURCES}
OURS = [
    (file.stem, body)
    for file in sorted(EXAMPLES.rglob("*.yaml"))
    for body in yaml.safe_load_all(file.read_text())
    if body["kind"] in TYPES
]


def names(body: dict[str, Any]) -> str:
    return f"{body['kind']}/{body['metadata']['name']}"


@pytest.mark.parametrize("body", [body for _, body in OURS], ids=names)
def test_example_survives_decoding_and_encoding(body: dict[str, Any]) -> None:
    once = msgspec.convert(body, TYPES[body["kind"]])
    again = msgspec.json.decode(msgspec.json.encode(once), type=TYPES[body["kind"]])
    assert again == once


@pytest.mark.parametrize("body", [body for _, body in OURS], ids=names)
def test_example_is_decoded_field_by_field(body: dict[str, Any]) -> None:
    assert_holds(msgspec.convert(body, TYPES[body["kind"]]).spec, body["spec"])


def assert_holds(held: Any, written: Any) -> None:
    """Every field that was written is in the struct, with its value."""
    if isinstance(held, msgspec.Struct):
        fields = {field.encode_name: field.name for field in msgspec.structs.fields(held)}
        for name, value in written.items():
            assert_holds(getattr(held, fields[name]), value)
    elif isinstance(held, list):
        for ours, value in zip(held, written, strict=True):
            assert_holds(ours, value)
    else:
        assert held == written


def test_policy_of_the_origin_keeps_the_parameters_as_written() -> None:
    body = next(b for _, b in OURS if b["metadata"]["name"] == "example-power-capping-policy")
    (algorithm,) = msgspec.convert(body, PowerCappingPolicy).spec.custom_algorithms
    assert algorithm.parameters == {"scaling-factor": "0.8", "min-frequency": "300"}


def test_unknown_fields_are_dropped_at_decode() -> None:
    text = b'{"metadata": {"name": "d", "managedFields": [{}]}, "spec": {"capWatts": 5, "later": true}}'
    decoded = msgspec.json.decode(text, type=PowerDomain)
    assert to_builtins(decoded) == {"metadata": {"name": "d"}, "spec": {"capWatts": 5}}


def test_a_status_keeps_the_zeros_that_say_something() -> None:
    status = PolicyStatus(current_power=CurrentPower())
    assert to_builtins(status)["currentPower"] == {"watts": 0, "pods": 0, "measuredPods": 0, "source": ""}
    assert to_builtins(Enforcement(heartbeat_time="now"))["effectiveCapWatts"] == 0


def test_acronyms_keep_their_spelling_on_the_wire() -> None:
    status = FrequenciesStatus(power_budget=BudgetStatus(uid="u", sequence=1, node_uid="n", boot_id="b"))
    wire = to_builtins(NodeFrequencies(status=status))["status"]["powerBudget"]
    assert (wire["nodeUID"], wire["bootID"]) == ("n", "b")


def test_objects_cannot_be_changed_by_their_readers() -> None:
    with pytest.raises(AttributeError):
        PowerDomain().spec.parent = "other"  # type: ignore[misc]
