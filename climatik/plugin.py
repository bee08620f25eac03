"""What authors of algorithms import: the protocol, and nothing else of climatik.

An algorithm is a class with ``description`` and ``plan(snapshot, parameters)``, registered as an entry
point in the group ``climatik.algorithms``; ``deploy/examples/third-party-algorithm`` is a whole package.
"""

from common.algorithms.protocol import (
    GUARANTEED,
    NO_PARENT,
    UNCAPPED,
    Algorithm,
    CapTree,
    DemandLevel,
    Description,
    Parameter,
    Plan,
    Snapshot,
    ValueCurves,
)

__all__ = [
    "GUARANTEED",
    "NO_PARENT",
    "UNCAPPED",
    "Algorithm",
    "CapTree",
    "DemandLevel",
    "Description",
    "Parameter",
    "Plan",
    "Snapshot",
    "ValueCurves",
]
