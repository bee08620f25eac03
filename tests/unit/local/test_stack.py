"""A stack tells of everything of it that has ended."""

from pathlib import Path

import pytest

from deploy.local.processes import ProcessDiedError
from deploy.local.prometheus import Prometheus
from deploy.local.stack import Stack


class Ended(Prometheus):
    def check(self) -> None:
        raise ProcessDiedError("prometheus ended")


def test_prometheus_too(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.prometheus = Ended(tmp_path, scrape_configs=[])
    with pytest.raises(ProcessDiedError, match="prometheus ended"):
        stack.check()
