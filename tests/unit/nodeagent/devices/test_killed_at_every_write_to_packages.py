"""The agent is killed before and after every single write, to attributes of a sysfs tree and to disk."""

import shutil

import pytest

from common.api.frequencies import CpuFrequency
from nodeagent.commands import restore
from nodeagent.devices.cpu import CpuSettings, discover
from nodeagent.devices.tuning import ENERGY_PREFERENCE
from nodeagent.state.originals import as_found
from nodeagent.state.store import StateStore
from tests.fakes.sysfs.tree import SysfsTree
from tests.unit.nodeagent.deaths import Dead, Death, lived
from tests.unit.nodeagent.devices.threaded import ThreadedAgent
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST

GRANTS = [700, 450, 600]
BASE = 300
TURNS = 5
ZONE = "class/powercap/intel-rapl:{}"
POLICY = "devices/system/cpu/cpufreq/policy{}"
LONG, SHORT = "constraint_0_power_limit_uw", "constraint_1_power_limit_uw"


class Server:
    """Two packages of two cores each, found with settings of their own, and a state folder for each trial."""

    def __init__(self, template, folder, death):
        for number in range(2):
            template.package(number)
        for cpu in range(4):
            template.policy(cpu, package=cpu // 2)
        template.write(f"{ZONE.format(1)}/enabled", 0)
        template.write(f"{POLICY.format(1)}/scaling_max_freq", 3_000_000)
        template.write(f"{POLICY.format(3)}/energy_performance_preference", "performance")
        self.template, self.folder, self.death = template, folder, death
        self.found = everything(template)

    def begin(self, name):
        """Everything is as it was found."""
        self.tree, self.state = self._copy(self.template, f"{name}-sys"), self.folder / name
        return self

    def copy(self):
        """Another server in the very state of this one."""
        other = object.__new__(Server)
        other.__dict__.update(self.__dict__)
        name = f"{self.state.name}-copy"
        other.tree, other.state = self._copy(self.tree, f"{name}-sys"), self.folder / name
        shutil.copytree(self.state, other.state)
        return other

    def _copy(self, tree, name):
        shutil.copytree(tree.root, self.folder / name)
        return SysfsTree(self.folder / name)

    def devices(self):
        return discover(CpuSettings(self.tree.root), pause=lambda seconds: None).devices

    def agent(self):
        return ThreadedAgent(self.devices(), self.state)

    def windows_watts(self, package):
        return [int(self.tree.read(f"{ZONE.format(package)}/{name}")) / 1e6 for name in (LONG, SHORT)]

    @property
    def allowed_watts(self):
        """What packages may draw over a second: as much as the short window lets them, if it is enforced."""
        on = [self.tree.read(f"{ZONE.format(n)}/enabled") == "1" for n in range(2)]
        return sum(self.windows_watts(n)[1] if on[n] else 350 for n in range(2)) * 1.05 + REST

    def asked(self, sequence):
        """The grant of a sequence, with a ceiling for the first package from the second one on."""
        ceiling = [CpuFrequency(cpu_id=0, target_frequency=2400)] if sequence > 1 else []
        return frequencies(budget(sequence, GRANTS[sequence - 1], base=BASE), cpu_frequencies=ceiling)

    async def live(self, ending):
        """Obeys all grants and gives the node back, or dies; ``booked`` is what the ledger holds for it."""
        self.booked = float("inf")
        agent = self.agent()
        try:
            for sequence, grant in enumerate(GRANTS, start=1):
                # Under a raise the ledger has booked the new grant before the agent ever saw it.
                self.booked = max(self.booked, grant)
                agent.see(self.asked(sequence), domain())

                def check(snapshot, sequence=sequence, grant=grant):
                    if snapshot.confirmed.sequence == sequence:
                        self.booked = max(grant, snapshot.confirmed.enforced_budget_watts)
                    assert self.allowed_watts <= self.booked

                await lived(agent, TURNS, check, self.death)
            self.booked = float("inf")
            await ending(self, agent)
        except Dead:
            pass
        agent.kill()


def everything(tree):
    return {
        str(path.relative_to(tree.root)): path.read_text()
        for path in sorted(tree.root.rglob("*"))
        if path.is_file()
    }


async def released(server, agent):
    agent.see(frequencies(budget(len(GRANTS) + 1, 3000, base=BASE, release=True)), domain())
    await lived(agent, 5, lambda _snapshot: None, server.death)


async def restored(server, agent):
    agent.kill()
    given_back(server)


def given_back(server):
    store = StateStore(server.state)
    try:
        wrong = restore(server.devices(), store)
        if server.death.dead:
            raise Dead
        assert wrong == {}
        assert not store.originals
    finally:
        store.close()


ENDINGS = {"a release": released, "the command": restored}


@pytest.fixture
def server(sysfs, tmp_path, monkeypatch):
    return Server(sysfs, tmp_path, Death().install(monkeypatch))


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_killed_at_every_write(server, ending):
    await server.begin("count").live(ending)
    writes = server.death.count
    assert everything(server.tree) == server.found
    assert writes >= 30
    for at in range(1, writes + 1):
        for before in (True, False):
            server.begin(f"{at}-{before}").death.arm(at, before=before)
            await server.live(ending)
            server.death.arm()
            await check_next_life(server)


async def check_next_life(server):
    """The next agent adopts what is left and finishes it; both ways of giving back lead to what was found."""
    assert server.allowed_watts <= server.booked
    other = server.copy()
    again = server.agent()
    for _ in range(3):
        await again.turn(0.5)
        assert server.allowed_watts <= server.booked
    assert not any(device.owner for device in again.enforcer.devices), "its own writes are nobody else's"
    await check_finished(server, again)
    await released(server, again)
    again.kill()
    assert everything(server.tree) == server.found
    assert not again.store.originals
    given_back(other)
    assert everything(other.tree) == server.found


async def check_finished(server, agent):
    """No half of a write is left behind: every window and every core has what was asked for."""
    agent.see(server.asked(len(GRANTS)), domain())
    await lived(agent, 4, lambda _snapshot: None, server.death)
    assert server.allowed_watts <= GRANTS[-1]
    for package in range(2):
        long, short = server.windows_watts(package)
        assert long == short < 350
    assert {server.tree.read(f"{POLICY.format(cpu)}/scaling_max_freq") for cpu in (0, 1)} == {"2400000"}


async def test_killed_at_every_write_of_an_energy_preference(server):
    """The driver can write it, though nothing asks for it yet: the original is saved first all the same."""
    server.begin("count")
    prefer_power(server)
    writes = server.death.count
    assert writes >= 4
    for at in range(1, writes + 1):
        for before in (True, False):
            server.begin(f"{at}-{before}").death.arm(at, before=before)
            prefer_power(server)
            server.death.arm()
            given_back(server)
            assert everything(server.tree) == server.found


def prefer_power(server):
    """Saves what was found, then writes; as everything that changes a device does."""
    store = StateStore(server.state)
    try:
        for device in server.devices():
            store.keep_originals({device.info.id: as_found(device.read())})
            store.note_writing({device.info.id: False})
            device.write_tuning(ENERGY_PREFERENCE, "power")
    except Dead:
        pass
    finally:
        store.close()
