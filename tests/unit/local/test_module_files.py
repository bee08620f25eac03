"""Files of a Go module are fetched once, and kept apart from Go's own caches."""

from pathlib import Path

import pytest

from deploy.local.binaries import module_files
from deploy.local.binaries.catalogue import ModuleFiles, cache_folder
from deploy.local.binaries.errors import MissingBinaryError, UnavailableError

FILES = ModuleFiles("gadget-crds", "v1.2.3", module="gadget", path="example.com/gadget", folder="config/crds")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache_folder().parent.mkdir(parents=True)


def test_they_are_copied_and_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "module" / "config" / "crds"
    source.mkdir(parents=True)
    (source / "gadget.yaml").write_text("kind: CustomResourceDefinition")
    source.chmod(0o555)  # as in Go's module cache
    monkeypatch.setattr(module_files, "_module_folder", lambda _: tmp_path / "module")
    folder = module_files.provide_files(FILES)
    assert [file.name for file in folder.iterdir()] == ["gadget.yaml"]
    monkeypatch.setattr(module_files, "_module_folder", must_not_run)
    assert module_files.provide_files(FILES) == folder


def test_what_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_files, "_module_folder", unavailable)
    with pytest.raises(MissingBinaryError, match=r"gadget-crds v1.2.3: no Go"):
        module_files.provide_files(FILES)


def must_not_run(_: ModuleFiles) -> Path:
    raise AssertionError("they are there already")


def unavailable(_: ModuleFiles) -> Path:
    raise UnavailableError("no Go")
