"""--probe shows, --restore gives back, and a wrong setting says what to do."""

import pytest

from nodeagent.app import start
from nodeagent.commands import probe_table, restore
from nodeagent.devices.device import DeviceSet
from nodeagent.settings import AgentSettings
from nodeagent.state.originals import Original
from nodeagent.state.store import StateStore
from tests.fakes.devices import FakeDevice, gpu_info


@pytest.fixture
def store(tmp_path):
    opened = StateStore(tmp_path)
    yield opened
    opened.close()


def test_restore_puts_back_and_forgets(store):
    device = FakeDevice(gpu_info("a"), limit=300.0)
    device.clock_limit = 900
    store.keep_originals({"a": Original(limit_watts=650.0, clock_limit_mhz=None)})
    assert restore([device], store) == {}
    assert (device.limit, device.clock_limit) == (650.0, None)
    assert not store.originals


@pytest.mark.parametrize("fault", ["refuse", "ignore", "lost"])
def test_what_could_not_be_restored_stays_saved(store, fault):
    good, bad = FakeDevice(gpu_info("good"), limit=300.0), FakeDevice(gpu_info("bad"), limit=300.0)
    bad.fault = fault
    store.keep_originals({name: Original(limit_watts=650.0) for name in ("good", "bad", "gone")})
    assert set(restore([good, bad], store)) == {"bad", "gone"}
    assert set(store.originals) == {"bad", "gone"}
    assert good.limit == 650.0


def test_probe_names_every_device_and_its_failure():
    broken = FakeDevice(gpu_info("GPU-1"))
    broken.fault = "lost"
    table = probe_table(DeviceSet([FakeDevice(gpu_info("GPU-0")), broken], rest_bound_watts=321))
    assert "GPU-0" in table
    assert "DeviceLost" in table
    assert "321 W" in table


def test_an_unknown_driver_is_refused_with_those_there_are(capsys):
    assert start(AgentSettings(node_name="n", devices=("amiga",))) == 2
    assert "'amiga'. Known drivers: cpu, nvml, simulated" in capsys.readouterr().err


def test_a_node_name_is_needed(capsys):
    assert start(AgentSettings()) == 2
    assert "--node-name" in capsys.readouterr().err


def test_an_unreachable_device_host_fails_the_probe(capsys, tmp_path):
    settings = AgentSettings(node_name="n", probe=True, simulated_socket=str(tmp_path / "none"))
    assert start(settings) == 1
    assert "none" in capsys.readouterr().err


def test_a_restore_beside_a_running_agent_is_refused_and_says_so(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("nodeagent.assemble._LOCK_PATIENCE_SECONDS", 0.0)
    running = StateStore(tmp_path)
    settings = AgentSettings(node_name="n", restore=True, state_dir=str(tmp_path))
    assert start(settings) == 1
    assert "another node agent runs with this --state-dir" in capsys.readouterr().err
    running.close()
