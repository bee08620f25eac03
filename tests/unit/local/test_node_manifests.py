"""The DaemonSets mount what agent and watchdog open, ask for what they need, and for nothing beyond it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from common.service.settings import parse
from nodeagent.discovery import check_settings
from nodeagent.settings import AgentSettings

REPOSITORY = Path(__file__).resolve().parents[3]
MANIFESTS = REPOSITORY / "deploy" / "manifests"
UNIT = REPOSITORY / "deploy" / "host" / "climatik-base.service"
PAGE = (REPOSITORY / "docs" / "operator" / "node-agent.md").read_text()
FROM_FIELDS = {"CLIMATIK_NODE_NAME": "node-1"}


class Workload:
    def __init__(self, name):
        self.spec = yaml.safe_load((MANIFESTS / "workloads" / f"{name}.yaml").read_text())["spec"]
        self.pod = self.spec["template"]["spec"]
        (self.container,) = self.pod["containers"]
        self.security = self.container["securityContext"]

    @property
    def environment(self):
        return {e["name"]: e.get("value", FROM_FIELDS.get(e["name"])) for e in self.container["env"]}

    @property
    def settings(self):
        found = {name: value for name, value in self.environment.items() if name.startswith("CLIMATIK_")}
        return parse(AgentSettings, self.container["args"][2:], found)

    @property
    def mounts(self):
        """``(path in the container, path on the host, writable)``."""
        hosts = {volume["name"]: volume["hostPath"]["path"] for volume in self.pod["volumes"]}
        return {
            (mount["mountPath"], hosts[mount["name"]], not mount.get("readOnly", False))
            for mount in self.container["volumeMounts"]
        }


AGENT, WATCHDOG = Workload("nodeagent"), Workload("watchdog")
BOTH = pytest.mark.parametrize("workload", [AGENT, WATCHDOG], ids=["agent", "watchdog"])


def test_the_agent_mounts_what_its_settings_name_and_nothing_else():
    settings = AGENT.settings
    socket_folder = str(Path(settings.pod_resources_socket).parent)
    assert AGENT.mounts == {
        (settings.state_dir, "/var/lib/climatik", True),
        (settings.sysfs_root, "/sys", True),
        (socket_folder, "/var/lib/kubelet/pod-resources", False),
    }


def test_the_watchdog_mounts_the_same_state_and_devices_and_no_socket():
    settings = WATCHDOG.settings
    assert WATCHDOG.settings.watchdog
    assert WATCHDOG.mounts == {
        (settings.state_dir, "/var/lib/climatik", True),
        (settings.sysfs_root, "/sys", True),
    }


@BOTH
def test_settings_are_taken_and_drive_real_devices(workload):
    check_settings(workload.settings)
    assert workload.settings.devices == ("nvml", "cpu")


def test_agent_and_watchdog_find_the_same_devices():
    for name in ("devices", "sysfs_root", "state_dir", "rest_bound_watts", "cpu_nameplate_watts"):
        assert getattr(AGENT.settings, name) == getattr(WATCHDOG.settings, name)
    for name in ("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"):
        assert AGENT.environment[name] == WATCHDOG.environment[name]


@BOTH
def test_no_privilege_but_the_one_capability_that_the_driver_asks_for(workload):
    security = workload.security
    assert security["privileged"] is False
    assert security["capabilities"] == {"drop": ["ALL"], "add": ["SYS_ADMIN"]}
    assert security["readOnlyRootFilesystem"] is True
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostPID", "hostIPC", "shareProcessNamespace"} & workload.pod.keys()


def test_the_watchdog_is_updated_by_hand_and_has_no_token():
    assert WATCHDOG.spec["updateStrategy"] == {"type": "OnDelete"}
    assert WATCHDOG.pod["automountServiceAccountToken"] is False
    assert WATCHDOG.pod["serviceAccountName"] == "climatik-watchdog"
    assert "ports" not in WATCHDOG.container


def test_nothing_is_bound_to_the_watchdogs_account():
    subjects = [
        subject["name"]
        for path in MANIFESTS.rglob("*.yaml")
        for content in yaml.safe_load_all(path.read_text())
        if content and content.get("kind") in ("ClusterRoleBinding", "RoleBinding")
        for subject in content["subjects"]
    ]
    assert "climatik-nodeagent" in subjects
    assert "climatik-watchdog" not in subjects


@BOTH
def test_the_page_says_why_each_mount_and_capability_is_there(workload):
    table = re.search(r"## Rights on the node\n(.*?)\n## ", PAGE, re.S)
    assert table is not None
    rows = [line.split("|")[1].strip() for line in table[1].splitlines() if line.startswith("|")]
    for _, host, writable in workload.mounts:
        assert f"`{host}` ({'read and write' if writable else 'read only'})" in rows
    for capability in workload.security["capabilities"]["add"]:
        assert f"`CAP_{capability}`" in rows


def unit_lines(key):
    return [line.partition("=")[2] for line in UNIT.read_text().splitlines() if line.startswith(f"{key}=")]


def test_the_host_unit_runs_before_kubelets_with_the_agents_state_and_capability():
    assert "kubelet.service" in unit_lines("Before")[0].split()
    (command,) = unit_lines("ExecStart")
    arguments = command.split()[3:]
    settings = parse(AgentSettings, arguments, {"CLIMATIK_NODE_NAME": "n", "CLIMATIK_REST_BOUND_WATTS": "1"})
    assert settings.write_base
    assert settings.state_dir == f"/var/lib/{unit_lines('StateDirectory')[0]}"
    assert unit_lines("CapabilityBoundingSet") == ["CAP_SYS_ADMIN"]
    patience = settings.boot_patience_seconds
    assert float(unit_lines("TimeoutStartSec")[0]) > patience + settings.device_deadline_seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not at hand")
def test_systemd_takes_the_host_unit(tmp_path):
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/climatik/bin/python", sys.executable))
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        env={**os.environ, "SYSTEMD_COLORS": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in answer.stderr.splitlines() if UNIT.name in line]
    assert (answer.returncode, said) == (0, [])
