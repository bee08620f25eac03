"""One leader at a time: how it starts, what ends it, and what the epoch counts."""

import asyncio
from datetime import UTC, datetime

import pytest

from common.api.core import Lease, LeaseSpec
from common.api.meta import ObjectMeta
from common.kube import ElectionSettings, LeaderElector, Leadership, NotLeading
from tests.fakes.lease_store import LeaseAccess, LeaseStore

pytestmark = pytest.mark.looptime


class Candidate:
    """An elector that notes when it led."""

    def __init__(self, store: LeaseStore, identity: str) -> None:
        self.access = LeaseAccess(store)
        self.elector = LeaderElector(self.access, "lease", "ns", identity)
        self.terms: list[Leadership] = []
        self.ended: list[float] = []
        self.task = asyncio.create_task(self.elector.run(self._lead))

    async def _lead(self, leadership: Leadership) -> None:
        self.terms.append(leadership)
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append(asyncio.get_running_loop().time())

    @property
    def leading(self) -> bool:
        return len(self.terms) > len(self.ended)

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


def _shipped() -> LeaseStore:
    """The Lease as the manifests ship it: without a holder."""
    store = LeaseStore()
    store.create(Lease(metadata=ObjectMeta(name="lease", namespace="ns"), spec=LeaseSpec()))
    return store


async def test_a_lease_without_a_holder_is_taken_at_once() -> None:
    candidate = Candidate(_shipped(), "a")
    await asyncio.sleep(1)
    assert candidate.leading
    assert candidate.terms[0].epoch == 1
    assert candidate.terms[0].valid()
    await candidate.stop()


async def test_a_missing_lease_is_made_and_a_whole_lease_is_waited_out() -> None:
    store = LeaseStore()
    candidate = Candidate(store, "a")
    await asyncio.sleep(14.5)
    assert store.lease is not None
    assert not candidate.leading
    await asyncio.sleep(4)
    assert candidate.leading
    await candidate.stop()


async def test_release_on_exit_lets_the_next_one_start_within_seconds() -> None:
    store = _shipped()
    first = Candidate(store, "a")
    await asyncio.sleep(1)
    second = Candidate(store, "b")
    await asyncio.sleep(30)
    assert not second.leading
    await first.stop()
    assert store.read().spec.holder_identity == ""
    await asyncio.sleep(3)
    assert second.leading
    assert second.terms[0].epoch == first.terms[0].epoch + 1
    await second.stop()


async def test_a_leader_whose_calls_hang_stops_before_another_can_start() -> None:
    store = _shipped()
    first = Candidate(store, "a")
    await asyncio.sleep(1)
    second = Candidate(store, "b")
    await asyncio.sleep(10)
    hung_at = asyncio.get_running_loop().time()
    first.access.hang()
    await asyncio.sleep(10.5)
    assert not first.leading
    assert not first.terms[0].valid()
    assert first.ended[0] - hung_at <= 10
    assert not second.leading
    await asyncio.sleep(10)
    assert second.leading
    first.access.recover()
    await asyncio.sleep(60)
    assert not first.leading
    assert second.leading
    await first.stop()
    await second.stop()


async def test_a_hang_shorter_than_the_deadline_changes_nothing() -> None:
    store = _shipped()
    candidate = Candidate(store, "a")
    await asyncio.sleep(5)
    candidate.access.hang()
    await asyncio.sleep(6)
    candidate.access.recover()
    await asyncio.sleep(60)
    assert candidate.leading
    assert len(candidate.terms) == 1
    await candidate.stop()


async def test_valid_turns_false_by_itself_when_the_event_loop_is_too_busy_to_cancel() -> None:
    candidate = Candidate(_shipped(), "a")
    await asyncio.sleep(1)
    term = candidate.terms[0]
    now = candidate.elector.clock.monotonic()
    assert now < term.valid_until <= now + 10
    term.valid_until = now  # as if ten seconds had passed in one blocking call
    assert not term.valid()
    await candidate.stop()


async def test_a_deleted_lease_ends_the_term_and_the_epoch_can_be_raised_again() -> None:
    store = _shipped()
    candidate = Candidate(store, "a")
    await asyncio.sleep(1)
    assert await candidate.terms[0].raise_epoch(41) == 41
    await asyncio.sleep(5)
    assert store.read().spec.lease_transitions == 41
    store.delete()
    await asyncio.sleep(3)
    assert not candidate.leading
    await asyncio.sleep(25)
    assert candidate.leading
    assert candidate.terms[1].epoch == 1  # the count is gone with the Lease
    assert await candidate.terms[1].raise_epoch(42) == 42
    assert store.read().spec.lease_transitions == 42
    assert await candidate.terms[1].raise_epoch(7) == 42  # never back
    with pytest.raises(NotLeading):
        await candidate.terms[0].raise_epoch(50)
    await candidate.stop()


async def test_the_lease_is_kept_while_the_leader_cleans_up() -> None:
    store = _shipped()
    access = LeaseAccess(store)
    holders: list[str | None] = []

    async def lead(leadership: Leadership) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(60)
            holders.append(store.read().spec.holder_identity)
            assert leadership.valid()

    task = asyncio.create_task(LeaderElector(access, "lease", "ns", "a").run(lead))
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.wait({task})
    assert holders == ["a"]
    assert store.read().spec.holder_identity == ""


async def test_work_that_ends_by_itself_ends_the_campaign_and_its_error_is_raised() -> None:
    async def done(leadership: Leadership) -> None:
        await asyncio.sleep(1)

    async def failing(leadership: Leadership) -> None:
        raise RuntimeError("bug")

    store = _shipped()
    await LeaderElector(LeaseAccess(store), "lease", "ns", "a").run(done)
    assert store.read().spec.holder_identity == ""
    with pytest.raises(RuntimeError, match="bug"):
        await LeaderElector(LeaseAccess(store), "lease", "ns", "b").run(failing)
    assert store.read().spec.holder_identity == ""
    assert store.read().spec.lease_transitions == 2


async def test_the_holders_own_longer_lease_is_respected() -> None:
    store = _shipped()
    spec = LeaseSpec(holder_identity="slow", lease_duration_seconds=60, lease_transitions=4)
    store.lease = Lease(metadata=store.read().metadata, spec=spec)
    candidate = Candidate(store, "a")
    await asyncio.sleep(55)
    assert not candidate.leading
    await asyncio.sleep(10)
    assert candidate.terms[0].epoch == 5
    await candidate.stop()


async def test_wall_clocks_are_written_and_never_compared() -> None:
    store = _shipped()
    spec = LeaseSpec(
        holder_identity="other", lease_duration_seconds=15, renew_time="1999-01-01T00:00:00.000000Z"
    )
    store.lease = Lease(metadata=store.read().metadata, spec=spec)
    candidate = Candidate(store, "a")
    await asyncio.sleep(14)
    assert not candidate.leading  # by the wall clock the Lease ran out decades ago
    await asyncio.sleep(5)
    assert candidate.leading
    renewed = datetime.fromisoformat(store.read().spec.renew_time or "")
    assert abs((datetime.now(UTC) - renewed).total_seconds()) < 60
    await candidate.stop()


@pytest.mark.parametrize("periods", [(10, 10, 2), (15, 2, 2), (15, 10, 0)])
def test_periods_that_cannot_be_safe_are_refused(periods: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="lease_seconds"):
        ElectionSettings(*periods)
