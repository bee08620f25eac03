"""What a keeper that was killed left behind is never taken for a running cluster."""

import json
import shutil
import signal
from pathlib import Path

import pytest

from deploy.local import background as module
from deploy.local.background import Background

LEFT_BEHIND = {"pid": 1, "server": "https://127.0.0.1:1", "kubeconfig": "gone.yaml"}


class NoCluster:
    def __init__(self, workdir: Path) -> None:
        raise RuntimeError("no cluster in this test")


def test_it_is_not_told_while_the_next_keeper_removes_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    background = Background(tmp_path / "cluster")
    background.workdir.mkdir()
    (background.workdir / "state.json").write_text(json.dumps(LEFT_BEHIND))
    told = []
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: told.append(background.status()))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(module, "LocalCluster", NoCluster)
    with pytest.raises(RuntimeError, match="no cluster"):
        background.keep()
    assert told == [None]
