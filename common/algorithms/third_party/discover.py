"""Which third parties are installed, from package metadata alone: nothing of theirs is imported here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions

GROUP = "climatik.algorithms"
"""The entry point group: ``name = "module:attribute"``."""


@dataclass(frozen=True)
class Offer:
    """An algorithm that a package offers.

    Attributes:
        name: What policies call it.
        entry: ``module:attribute``.
        package: Name and version of who offers it.
        paths: Further folders to import it from.
    """

    name: str
    entry: str
    package: str
    paths: tuple[str, ...] = ()


def discover(paths: Sequence[str] = ()) -> dict[str, Offer]:
    """Returns offers by name; of two with one name, the first found.

    Args:
        paths: Folders to look in; without any, where this interpreter's packages are.
    """
    found: dict[str, Offer] = {}
    where = distributions(path=list(paths)) if paths else distributions()
    for package in where:
        for point in package.entry_points:
            if point.group == GROUP:
                label = f"{package.metadata['Name']} {package.version}"
                found.setdefault(point.name, Offer(point.name, point.value, label, tuple(paths)))
    return found
