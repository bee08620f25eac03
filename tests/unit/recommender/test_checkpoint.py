"""What was learned survives a restart: by a file, by ConfigMaps, and never at the cost of anything else."""

import msgspec
import numpy as np
import pytest

from common.grid.config_map import ConfigMap
from common.kube.errors import Conflict, NotFound, Status
from common.models.power.model import ReplicaLoads
from recommender.checkpoint.config_maps import MOST_SHARDS, ConfigMapStore
from recommender.checkpoint.entries import entries_of, restore
from recommender.checkpoint.file import FileStore
from recommender.checkpoint.shards import SHARD_BYTES, from_shards, into_shards
from recommender.checkpoint.store import CheckpointError
from recommender.model.draws import Draws, PodDraw
from recommender.model.memory import Memory
from recommender.model.usage import ContainerKey
from tests.unit.recommender.builders import NOW, pod_view

AT = NOW.timestamp()
KEY = ContainerKey("ns", "Deployment/chat", "server")
NAMEPLATE = np.array([700.0])


def load(running):
    batch = np.array([float(running)])
    return ReplicaLoads(batch, 40 * batch, 10 * batch)


@pytest.fixture
def learned():
    memory, rng = Memory(), np.random.default_rng(1)
    draws = Draws(pods={"ns/p0": PodDraw(300.0, 0.0, False, {"server": 300.0}, ("GPU-0",), "climatik")})
    for step in range(1500):
        at = AT + 5 * step
        memory.forecaster.observe(at, {"policy/ns/cap": 900 + 50 * rng.random(), "node/n1": 400.0})
        memory.usage.observe(at, [pod_view("p0")], draws, {})
        memory.power.observe("kind", at, load(step % 20), np.array([200.0 + 10 * (step % 20)]), NAMEPLATE)
    memory.usage.is_of_kind(KEY, "kind")
    return memory


def assert_same(memory, learned):
    assert memory.usage.histogram(KEY).quantile(0.95) == learned.usage.histogram(KEY).quantile(0.95)
    assert memory.usage.alike("kind").quantile(0.5) == learned.usage.alike("kind").quantile(0.5)
    expected = [each.power.expected("kind", load(10), NAMEPLATE).watts[0] for each in (memory, learned)]
    assert expected[0] == pytest.approx(expected[1])
    end = AT + 7500
    outlooks = []
    for each in (memory, learned):
        each.forecaster.observe(end, {"policy/ns/cap": 925.0})
        outlooks.append(each.forecaster.outlook("policy/ns/cap"))
    assert outlooks[0].basis == outlooks[1].basis == "CalibratedRises"
    assert outlooks[0].upper_watts(0) == pytest.approx(outlooks[1].upper_watts(0), rel=0.02)


def test_entries_bring_everything_back(learned):
    memory = Memory()
    entries = entries_of(learned)
    assert restore(memory, entries) == len(entries) == 3
    assert_same(memory, learned)


def test_what_is_known_already_is_not_overwritten(learned):
    entries = entries_of(learned)
    memory = Memory()
    memory.power.observe("kind", AT, load(1), np.array([650.0]), NAMEPLATE)
    before = memory.power.moments["kind"].count
    restore(memory, entries)
    assert memory.power.moments["kind"].count == before


def test_a_broken_entry_is_passed_over(learned):
    entries = entries_of(learned) | {"1-usage/x": b"junk", "9-unknown/x": b"junk"}
    assert restore(Memory(), entries) == 3


async def test_a_file_is_replaced_and_read_back(tmp_path, learned):
    store = FileStore(str(tmp_path / "memory"))
    assert await store.read() == {}
    await store.write({"old": b"x"})
    entries = entries_of(learned)
    await store.write(entries)
    assert await store.read() == entries
    assert [path.name for path in tmp_path.iterdir()] == ["memory"]


async def test_a_file_that_cannot_be_written_or_read_names_the_setting(tmp_path):
    with pytest.raises(CheckpointError, match="--checkpoint-file"):
        await FileStore(str(tmp_path / "missing" / "memory")).write({})
    (tmp_path / "memory").write_bytes(b"junk")
    with pytest.raises(CheckpointError, match="--checkpoint-file"):
        await FileStore(str(tmp_path / "memory")).read()


def test_shards_are_bounded_in_size_and_number():
    entries = {f"2-series/{number:04}": bytes(5000) for number in range(1500)}
    shards, left_out = into_shards(entries, MOST_SHARDS)
    assert len(shards) == MOST_SHARDS
    assert all(len(shard) <= SHARD_BYTES + 64 for shard in shards)
    assert len(from_shards(shards)) == len(entries) - left_out
    assert left_out > 0


def test_what_would_be_missed_most_has_room_first():
    entries = {"2-series/a": bytes(700_000), "0-power/k": bytes(200_000), "1-usage/u": bytes(200_000)}
    kept = from_shards(into_shards(entries, 1)[0])
    assert set(kept) == {"0-power/k", "1-usage/u"}


class Server:
    """ConfigMaps with versions, and a neighbour who may write in between."""

    def __init__(self):
        self.objects = {}
        self.version = 0

    async def get(self, resource, name, namespace):
        if name not in self.objects:
            raise NotFound(Status(404, "NotFound", name))
        return self.objects[name]

    async def create(self, resource, body, namespace):
        return self._keep(body)

    async def replace(self, resource, body):
        present = self.objects[body["metadata"]["name"]].metadata.resource_version
        if body["metadata"]["resourceVersion"] != present:
            raise Conflict(Status(409, "Conflict", "changed"))
        return self._keep(body)

    def _keep(self, body):
        self.version += 1
        metadata = {**body["metadata"], "resourceVersion": str(self.version)}
        made = msgspec.convert({**body, "metadata": metadata}, ConfigMap)
        self.objects[made.name] = made
        return made


async def test_config_maps_bring_entries_back_and_empty_what_is_needed_no_more():
    server = Server()
    store = ConfigMapStore(server, "climatik-project")
    assert await store.read() == {}
    many = {f"2-series/{number:04}": bytes(5000) for number in range(400)}
    assert await store.write(many) == 0
    assert len(server.objects) == 3
    await store.write({"0-power/k": b"x"})
    assert await ConfigMapStore(server, "climatik-project").read() == {"0-power/k": b"x"}


async def test_a_second_writer_is_noticed_and_the_next_write_goes_on_from_there():
    server = Server()
    one, other = ConfigMapStore(server, "ns"), ConfigMapStore(server, "ns")
    await one.write({"a": b"1"})
    await other.read()
    await other.write({"a": b"2"})
    with pytest.raises(CheckpointError, match="another recommender"):
        await one.write({"a": b"3"})
    await one.write({"a": b"4"})
    assert await ConfigMapStore(server, "ns").read() == {"a": b"4"}
