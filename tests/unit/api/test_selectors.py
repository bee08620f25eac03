"""Selectors match in process what the API server matches: the semantics of Kubernetes labels."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from common.api.selector import LabelSelector, Requirement

KEYS = st.sampled_from(["app", "tier", "climatik.io/rack"])
VALUES = st.sampled_from(["", "a", "b", "c"])
LABELS = st.dictionaries(KEYS, VALUES)
OPERATORS = st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"])


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    operator = draw(OPERATORS)
    values = draw(st.lists(VALUES, min_size=1, max_size=3)) if operator in ("In", "NotIn") else []
    return Requirement(key=draw(KEYS), operator=operator, values=values)


SELECTORS = st.builds(
    LabelSelector, match_labels=LABELS, match_expressions=st.lists(requirements(), max_size=3)
)


def admits(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """The documented meaning, as sets of values that a key may have (None: the key is absent)."""
    every: set[str | None] = {None, "", "a", "b", "c"}
    allowed: dict[str, set[str | None]] = {}
    for key, value in selector.match_labels.items():
        allowed[key] = allowed.get(key, every) & {value}
    for part in selector.match_expressions:
        meant: dict[str, set[str | None]] = {
            "In": set(part.values),
            "NotIn": every - set(part.values),
            "Exists": every - {None},
            "DoesNotExist": {None},
        }
        allowed[part.key] = allowed.get(part.key, every) & meant[part.operator]
    return all(labels.get(key) in values for key, values in allowed.items())


@given(SELECTORS, LABELS)
def test_matches_what_kubernetes_documents(selector: LabelSelector, labels: dict[str, str]) -> None:
    assert selector.matches(labels) == admits(selector, labels)


@given(LABELS)
def test_an_empty_selector_matches_everything(labels: dict[str, str]) -> None:
    assert LabelSelector().matches(labels)


@given(SELECTORS, requirements(), LABELS)
def test_a_further_requirement_never_widens(
    selector: LabelSelector, more: Requirement, labels: dict[str, str]
) -> None:
    narrower = LabelSelector(
        match_labels=selector.match_labels, match_expressions=[*selector.match_expressions, more]
    )
    assert not narrower.matches(labels) or selector.matches(labels)


@given(KEYS, st.lists(VALUES, min_size=1), LABELS)
def test_opposite_operators_are_opposite(key: str, values: list[str], labels: dict[str, str]) -> None:
    for one, other in (("In", "NotIn"), ("Exists", "DoesNotExist")):
        first, second = (Requirement(key=key, operator=name, values=values) for name in (one, other))
        assert first.matches(labels) != second.matches(labels)


@given(LABELS)
def test_an_unknown_operator_matches_nothing(labels: dict[str, str]) -> None:
    assert not Requirement(key="app", operator="Gt", values=["1"]).matches(labels)
