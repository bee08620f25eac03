"""Algorithms that a policy names: are they known, and are their parameters? Pure.

The list of algorithms brings numpy along: eleven more MiB for the webhook, and a quarter of a second to
load. So it is loaded when the first policy names an algorithm, which few clusters have.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from common.algorithms.errors import AlgorithmError, UnknownAlgorithmError
from common.api.policy import CustomAlgorithm


def unknown_algorithms(algorithms: Iterable[CustomAlgorithm]) -> Iterator[str]:
    """Yields a sentence for each name that is not known here: a plug-in of the recommender's may bear it."""
    for index, each in enumerate(algorithms):
        try:
            _check(each, parameters=False)
        except UnknownAlgorithmError as error:
            yield (
                f"spec.customAlgorithms[{index}].name: {error}.{_guess(each.name)} It is passed over unless"
                " the recommender has a plug-in of that name"
            )


def bad_parameters(algorithms: Iterable[CustomAlgorithm]) -> Iterator[str]:
    """Yields a sentence for each known algorithm with parameters that it does not take."""
    for index, each in enumerate(algorithms):
        try:
            _check(each, parameters=True)
        except UnknownAlgorithmError:
            continue
        except AlgorithmError as error:
            yield f"spec.customAlgorithms[{index}].parameters: {error}"


def _check(algorithm: CustomAlgorithm, *, parameters: bool) -> None:
    from common.algorithms.registry import find_algorithm, read_parameters  # noqa: PLC0415 - see above

    found = find_algorithm(algorithm.name)
    if parameters:
        read_parameters(found.description, algorithm.parameters)


def _guess(name: str) -> str:
    from common.algorithms.registry import known_algorithms  # noqa: PLC0415 - see above

    near = difflib.get_close_matches(name, known_algorithms(), n=1)
    return f" Did you mean {near[0]}?" if near else ""
