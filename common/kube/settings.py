"""Settings of the API layer, with the reason for each default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClientSettings:
    """How requests behave.

    Attributes:
        deadline_seconds: Bound on a request with all its retries. Above the API server's own
            bound for a stalled etcd write (about 10 s), well below a lease.
        list_deadline_seconds: Bound on a paginated list as a whole.
        connect_seconds: Bound on TCP and TLS set-up; a live server answers in milliseconds.
        idle_read_seconds: A GET whose answer stalls this long is tried again on another connection.
        attempts: Tries per request, the first included.
        page_size: Objects per page of a list; what client-go and kubectl use.
        keepalive_seconds: How long an idle connection is kept: less than load balancers do.
        max_line_bytes: Sanity bound on one watch event. etcd refuses objects above 1.5 MiB by default,
            and JSON at most doubles that several times over.
        compress: Whether to ask for gzip: it saves bytes on slow networks and costs both sides CPU time.
    """

    deadline_seconds: float = 30.0
    list_deadline_seconds: float = 120.0
    connect_seconds: float = 5.0
    idle_read_seconds: float = 10.0
    attempts: int = 5
    page_size: int = 500
    keepalive_seconds: float = 30.0
    max_line_bytes: int = 64 * 1024 * 1024
    compress: bool = False


@dataclass(frozen=True)
class WatchSettings:
    """How informers behave.

    Attributes:
        silence_seconds: A watch that says nothing for this long is dead: servers send a bookmark each 60 s.
        min_timeout_seconds: Shortest life that we ask the server to give a watch.
        max_timeout_seconds: Longest one. Random in between, so that a fleet does not reconnect at once.
        first_backoff_seconds: Pause after the first failure.
        max_backoff_seconds: Longest pause between attempts.
        healthy_seconds: A watch that lived this long resets the back-off.
        initial_silence_seconds: A WatchList that says nothing for this long before its initial events are
            complete is given up for a plain list.
        share_parts: Whether equal parts of objects are held once. Not for a few objects that change all the
            time: what is held to be shared outlives them.
    """

    silence_seconds: float = 75.0
    min_timeout_seconds: float = 300.0
    max_timeout_seconds: float = 600.0
    first_backoff_seconds: float = 0.8
    max_backoff_seconds: float = 30.0
    healthy_seconds: float = 10.0
    initial_silence_seconds: float = 30.0
    share_parts: bool = True
