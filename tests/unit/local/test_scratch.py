"""Temporary folders go with their owner, or when the next one comes by."""

import os
import tempfile
from pathlib import Path

import pytest

from deploy.local.scratch import ScratchFolder, remove_abandoned


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def make_old(folder: Path) -> None:
    os.utime(folder, (0, 0))


def test_removed_by_its_owner() -> None:
    folder = ScratchFolder("thing-")
    (folder.path / "data").write_text("x")
    folder.remove()
    assert not folder.path.exists()


def test_kept_while_its_owner_lives() -> None:
    folder = ScratchFolder("thing-")
    make_old(folder.path)
    remove_abandoned("thing-")
    assert folder.path.exists()
    folder.remove()


def test_removed_when_its_owner_is_dead(temporary: Path) -> None:
    left = temporary / "thing-left"
    left.mkdir()
    (left / "owner.lock").touch()
    make_old(left)
    ScratchFolder("thing-").remove()
    assert not left.exists()


def test_young_one_is_spared_since_its_owner_may_be_about_to_lock_it(temporary: Path) -> None:
    young = temporary / "thing-young"
    young.mkdir()
    remove_abandoned("thing-")
    assert young.exists()


def test_other_folders_are_left_alone(temporary: Path) -> None:
    other = temporary / "other"
    other.mkdir()
    make_old(other)
    remove_abandoned("thing-")
    assert other.exists()
