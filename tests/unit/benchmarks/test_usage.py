"""What a process has used is read from Linux's own counters."""

import os
import time

from benchmarks.usage import cpu_seconds, resident_mib


def test_processor_time_is_that_of_the_process() -> None:
    before, worked = cpu_seconds(os.getpid()), time.process_time()
    while time.process_time() - worked < 0.1:
        pass
    assert 0.05 < cpu_seconds(os.getpid()) - before < 10


def test_memory_grows_by_what_is_written() -> None:
    before = resident_mib(os.getpid())
    kept = bytearray(b"x" * 64 * 2**20)
    assert 32 < resident_mib(os.getpid()) - before < 160
    assert len(kept) == 64 * 2**20
