"""Reads the tables of measured slowdowns that the settings name."""

from __future__ import annotations

from pathlib import Path

from common.models.slowdown.table import Measured, TableError, read_table
from common.service.settings import SettingsError


def read_tables(paths: str) -> list[list[Measured]]:
    """Returns one table per path of a list with commas.

    Raises:
        SettingsError: A file cannot be read, or is no such table.
    """
    tables = []
    for path in filter(None, (part.strip() for part in paths.split(","))):
        try:
            tables.append(read_table(Path(path).read_text(encoding="utf-8").splitlines()))
        except (OSError, UnicodeDecodeError, TableError) as error:
            raise SettingsError(f"--slowdown-sweeps {path}: {error}") from error
    return tables
