"""Programs come from the first source that has them, and are made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.binaries.catalogue import Binary, GoSource, cache_folder
from deploy.local.binaries.errors import MissingBinaryError, UnavailableError
from deploy.local.binaries.provide import provide_one

BINARY = Binary(
    "gadget", "v1.2.3", fitting=("1.2.",), source=GoSource("gadget", "example.com/gadget", minutes=1)
)


@pytest.fixture(autouse=True)
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache, and a PATH with nothing but one folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def refuse(reason: str) -> Callable[[Binary, Path], None]:
    def maker(_: Binary, target: Path) -> None:
        target.write_text("half a program")
        raise UnavailableError(reason)

    return maker


def make(_: Binary, target: Path) -> None:
    target.write_text("program")


def must_not_run(*_: object) -> None:
    raise AssertionError("this source was not to be asked")


def install(folder: Path, version: str) -> Path:
    program = folder / "gadget"
    program.write_text(f"#!/bin/sh\necho gadget version v{version}\n")
    program.chmod(0o755)
    return program


def test_cache_is_asked_first() -> None:
    cached = cache_folder() / "gadget-v1.2.3"
    cached.parent.mkdir(parents=True)
    cached.write_text("program")
    assert provide_one(BINARY, makers=(must_not_run,)) == cached


def test_installed_program_is_taken_when_its_version_fits(bin_folder: Path) -> None:
    program = install(bin_folder, "1.2.9")
    assert provide_one(BINARY, makers=(must_not_run,)) == program


def test_installed_program_of_another_version_is_not(bin_folder: Path) -> None:
    install(bin_folder, "1.3.0")
    assert provide_one(BINARY, makers=(make,)) == cache_folder() / "gadget-v1.2.3"


def test_assets_folder_goes_before_path(
    tmp_path: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(bin_folder, "1.2.0")
    assets = tmp_path / "assets"
    assets.mkdir()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    assert provide_one(BINARY, makers=(must_not_run,)).parent == bin_folder
    assert provide_one(BINARY, makers=(must_not_run,)) == bin_folder / "gadget"
    wanted = install(assets, "1.2.1")
    assert provide_one(BINARY, makers=(must_not_run,)) == wanted


def test_next_source_is_asked_when_one_refuses() -> None:
    path = provide_one(BINARY, makers=(refuse("no network"), make, must_not_run))
    assert path.read_text() == "program"
    assert path.stat().st_mode & 0o111
    assert [entry.name for entry in path.parent.glob("*.part")] == []


def test_made_once() -> None:
    assert provide_one(BINARY, makers=(make,)) == provide_one(BINARY, makers=(must_not_run,))


def test_error_tells_the_reason_of_every_source() -> None:
    with pytest.raises(MissingBinaryError, match=r"gadget v1\.2\.3: neither in .*; no network; no compiler"):
        provide_one(BINARY, makers=(refuse("no network"), refuse("no compiler")))
    assert not list(cache_folder().glob("*.part"))


def test_interrupted_maker_leaves_nothing_half_made() -> None:
    def interrupted(_: Binary, target: Path) -> None:
        target.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        provide_one(BINARY, makers=(interrupted,))
    assert provide_one(BINARY, makers=(make,)).read_text() == "program"
