"""Everything here needs the real control plane."""

from pathlib import Path

import pytest

_TIMEOUT_SECONDS = 180  # the first test waits for the control plane, too


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and give them more time than unit tests have."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(_TIMEOUT_SECONDS))
