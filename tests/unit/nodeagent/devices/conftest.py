"""Boards behind the real ``pynvml``, and a sysfs of CPU packages."""

import ctypes
import tempfile
from pathlib import Path

import pynvml
import pytest

from nodeagent.devices import nvml
from tests.fakes.nvml import build, machine
from tests.fakes.sysfs.tree import SysfsTree


@pytest.fixture(scope="session")
def nvml_library(tmp_path_factory):
    """The imitated library, built once."""
    return build.library(tmp_path_factory.mktemp("nvml"))


@pytest.fixture
def boards(nvml_library, tmp_path, monkeypatch):
    """Eight boards whose time the test moves; ``pynvml`` of this process speaks to them."""
    path = tmp_path / "machine"
    monkeypatch.setenv("FAKE_NVML_MACHINE", str(path))
    monkeypatch.setattr(pynvml, "nvmlLib", ctypes.CDLL(str(nvml_library)))
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    return machine.create(path)


@pytest.fixture
def devices(boards):
    """The agent's devices of those boards."""
    return nvml.discover(clock=lambda: boards.now_seconds).devices


@pytest.fixture
def open_folder():
    """A folder that everybody may write, also who dropped root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@pytest.fixture
def sysfs():
    """An empty sysfs in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield SysfsTree(Path(folder))
