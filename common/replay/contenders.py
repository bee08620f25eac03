"""Controllers by name: what a backtest compares."""

from __future__ import annotations

from collections.abc import Mapping

from common.algorithms.registry import DEFAULT, find_algorithm, read_parameters
from common.replay.control import IN_BAND, AlgorithmControl, Controller, RowFacts
from common.replay.polca import PolcaControl
from common.replay.promised import DEFAULT_PROMISE, PromisedControl, PromiseSettings

NO_CONTROL = "no control"
PROMISED = f"{DEFAULT} + promise"
POLCA = "polca"


def contender(
    name: str, facts: RowFacts, parameters: Mapping[str, str | int] | None = None,
    promise: PromiseSettings = DEFAULT_PROMISE,
) -> Controller | None:  # fmt: skip
    """Returns a controller for one replay; None for none.

    Args:
        name: Of an algorithm, ``no control``, or the default one ``+ promise``: it divides the threshold that
            statistics derive instead of the cap.
        facts: Of the row.
        parameters: As users write them.
        promise: How much is dared where watts are promised.

    Raises:
        AlgorithmError: There is no such algorithm, or a parameter is wrong.
    """
    if name == NO_CONTROL:
        return None
    if name == POLCA:
        return PolcaControl(facts, parameters)
    algorithm = find_algorithm(DEFAULT if name == PROMISED else name)
    chosen = read_parameters(algorithm.description, parameters or {})
    if name == PROMISED:
        return PromisedControl(facts, algorithm, chosen, IN_BAND, promise)
    return AlgorithmControl(facts, algorithm, chosen, IN_BAND)
