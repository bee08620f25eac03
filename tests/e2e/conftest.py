"""Everything here runs the binaries as separate processes on the real control plane."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.demo.objects import EXAMPLE_NAMESPACE
from deploy.local.stack import Stack

_TIMEOUT_SECONDS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and give them more time than unit tests have."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(_TIMEOUT_SECONDS))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product, running; each module cleans up what it applied."""
    with Stack(tmp_path_factory.mktemp("stack")) as running:
        running.cluster.kubectl("apply", "-f", str(EXAMPLE_NAMESPACE))
        yield running
