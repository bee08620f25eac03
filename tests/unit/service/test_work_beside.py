"""Work beside the main work: it ends with it, and an error of it ends the main work."""

import asyncio

import pytest

from common.service.beside import beside

pytestmark = pytest.mark.looptime


async def forever(log):
    try:
        await asyncio.sleep(float("inf"))
    except asyncio.CancelledError:
        await asyncio.sleep(1)
        log.append("tidied up")
        raise


async def fail_after(seconds):
    await asyncio.sleep(seconds)
    raise ValueError("the watch broke")


async def nothing():
    """Ends at once, by itself."""


async def test_it_is_stopped_and_waited_for_when_the_main_work_ends():
    log = []
    async with beside(forever(log), nothing()):
        await asyncio.sleep(5)
        assert not log
    assert log == ["tidied up"]


async def test_its_error_ends_the_main_work_and_the_rest():
    log = []

    async def main():
        async with beside(forever(log), fail_after(3)):
            await asyncio.sleep(100)
            log.append("went on")

    with pytest.raises(ValueError, match="the watch broke"):
        await main()
    assert log == ["tidied up"]
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(1)


async def test_the_main_work_tidies_up_first_so_that_it_still_has_what_runs_beside_it():
    log = []

    async def main():
        async with beside(forever(log), fail_after(3)):
            try:
                await asyncio.sleep(100)
            finally:
                await asyncio.sleep(5)
                log.append("gave the lease back")

    with pytest.raises(ValueError, match="the watch broke"):
        await main()
    assert log == ["gave the lease back", "tidied up"]


async def test_an_error_of_the_main_work_stays_what_it_is():
    log = []

    async def main():
        async with beside(forever(log)):
            await asyncio.sleep(1)
            raise KeyError("a setting")

    with pytest.raises(KeyError):
        await main()
    assert log == ["tidied up"]


async def test_who_is_cancelled_from_outside_stays_cancelled():
    log = []

    async def main():
        async with beside(forever(log)):
            await asyncio.sleep(100)

    task = asyncio.create_task(main())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["tidied up"]


async def test_an_error_on_the_way_out_changes_nothing():
    async def fails_when_stopped():
        try:
            await asyncio.sleep(float("inf"))
        finally:
            raise ValueError("while stopping")

    async with beside(fails_when_stopped()):
        await asyncio.sleep(1)
    assert asyncio.current_task().cancelling() == 0
