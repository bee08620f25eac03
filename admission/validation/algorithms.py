"""Algorithms that a policy names: are they known, and are their parameters? Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from common.algorithms.errors import AlgorithmError, UnknownAlgorithmError
from common.algorithms.registry import find_algorithm, known_algorithms, read_parameters
from common.api.policy import CustomAlgorithm


def unknown_algorithms(algorithms: Iterable[CustomAlgorithm]) -> Iterator[str]:
    """Yields a sentence for each name that is not known here: a plug-in of the recommender's may bear it."""
    for index, each in enumerate(algorithms):
        try:
            find_algorithm(each.name)
        except UnknownAlgorithmError as error:
            near = difflib.get_close_matches(each.name, known_algorithms(), n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            yield (
                f"spec.customAlgorithms[{index}].name: {error}.{guess} It is passed over unless the"
                " recommender has a plug-in of that name"
            )


def bad_parameters(algorithms: Iterable[CustomAlgorithm]) -> Iterator[str]:
    """Yields a sentence for each known algorithm with parameters that it does not take."""
    for index, each in enumerate(algorithms):
        try:
            read_parameters(find_algorithm(each.name).description, each.parameters)
        except UnknownAlgorithmError:
            continue
        except AlgorithmError as error:
            yield f"spec.customAlgorithms[{index}].parameters: {error}"
