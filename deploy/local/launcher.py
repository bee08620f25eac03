"""Run a program that ends with the process that started it: `launcher.py SIGNAL PARENT_PID PROGRAM …`.

A script of its own, on the standard library alone, because the death signal must be set in the child between
fork and exec, and `preexec_fn` is unsafe in a process that has threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent_pid: int, number: signal.Signals) -> None:
    """Let the kernel send this process a signal when the process `parent_pid`, which started it, is gone."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # The parent may have died before the signal was armed: then it never comes.
    if os.getppid() != parent_pid:
        sys.exit(1)


if __name__ == "__main__":
    die_with(int(sys.argv[2]), signal.Signals[f"SIG{sys.argv[1]}"])
    try:
        os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606
    except OSError as error:
        sys.exit(f"{sys.argv[3]}: {error.strerror}")
