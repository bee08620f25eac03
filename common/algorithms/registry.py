"""Algorithms by name, and their parameters as users write them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from common.algorithms.dynamic_frequency_scaler import DynamicFrequencyScaler
from common.algorithms.errors import BadParameterError, UnknownAlgorithmError
from common.algorithms.exact import Exact
from common.algorithms.performance_power_ratio import PerformancePowerRatio
from common.algorithms.polca import Polca
from common.algorithms.power_oversubscription import PowerOversubscription
from common.algorithms.protocol import Algorithm, Description, Parameter
from common.algorithms.third_party.algorithm import ThirdPartyAlgorithm
from common.algorithms.third_party.discover import discover
from common.algorithms.uniform import Uniform
from common.algorithms.water_filling import WaterFilling

DEFAULT = "water-filling"

_BUILT_IN: dict[str, Algorithm] = {
    algorithm.description.name: algorithm
    for algorithm in (
        WaterFilling(),
        Uniform(),
        DynamicFrequencyScaler(),
        PowerOversubscription(),
        PerformancePowerRatio(),
        Polca(),
        Exact(),
    )
}


@cache
def third_parties() -> Mapping[str, ThirdPartyAlgorithm]:
    """Returns the algorithms of installed packages, as found once; a built-in name cannot be taken."""
    return {name: ThirdPartyAlgorithm(offer) for name, offer in discover().items() if name not in _BUILT_IN}


def known_algorithms() -> list[str]:
    """Returns the names that a policy may use."""
    return sorted({*_BUILT_IN, *third_parties()})


def find_algorithm(name: str) -> Algorithm:
    """Returns an algorithm by name.

    Raises:
        UnknownAlgorithmError: There is none; the message lists those known.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    if name in third_parties():
        return third_parties()[name]
    raise UnknownAlgorithmError(name, known_algorithms())


def read_parameters(description: Description, given: Mapping[str, str | int]) -> dict[str, float]:
    """Returns every declared parameter as a number, from what a user wrote (text or whole number).

    Raises:
        BadParameterError: One is unknown, not a number or out of range; the message says what is allowed.
    """
    declared = {parameter.name: parameter for parameter in description.parameters}
    if unknown := sorted(set(given) - set(declared)):
        allowed = ", ".join(declared) or "none"
        raise BadParameterError(f"{description.name} has no parameter {unknown[0]!r}; it takes: {allowed}")
    return {name: _number(one, given.get(name, one.default)) for name, one in declared.items()}


def _number(parameter: Parameter, given: str | float) -> float:
    try:
        value = float(given)
    except ValueError:
        raise BadParameterError(f"parameter {parameter.name}: {given!r} is not a number") from None
    if not parameter.minimum <= value <= parameter.maximum:
        raise BadParameterError(
            f"parameter {parameter.name}: {given} is not within {parameter.minimum:g} to"
            f" {parameter.maximum:g} ({parameter.meaning})"
        )
    return value
