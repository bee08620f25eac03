"""Free TCP ports of the loopback interface."""

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack

# Under the range that Linux takes for outgoing connections (32768 and up), so that no connection of our own
# processes can take a port between the moment it was found free and the moment its server binds it.
_LOWEST, _HIGHEST = 15_000, 32_000


def free_ports(count: int) -> list[int]:
    """`count` different ports that nothing listened on a moment ago."""
    with ExitStack() as held:
        return [held.enter_context(_bound()).getsockname()[1] for _ in range(count)]


def _bound() -> socket.socket:
    for port in _candidates():
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
        else:
            return listener
    raise OSError(f"no free port of 127.0.0.1 between {_LOWEST} and {_HIGHEST}")


def _candidates() -> Iterator[int]:
    chooser = random.SystemRandom()
    return (chooser.randrange(_LOWEST, _HIGHEST) for _ in range(1000))
