"""Upstream releases over HTTPS, taken only if their checksum agrees."""

import hashlib
import http.client
import platform
import socket
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from deploy.local.binaries.catalogue import Binary
from deploy.local.binaries.errors import UnavailableError
from deploy.local.binaries.progress import Progress

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 60.0
_CHUNK_BYTES = 1 << 20
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}

_refusing_hosts: dict[str, str] = {}
"""Hosts that could not be reached, with the reason: one is asked once, not for every program."""


def download(binary: Binary, target: Path) -> None:
    """Write the program of the upstream release to `target`.

    Raises:
        UnavailableError: there is no release, its host does not answer, or the checksum is another.
    """
    release = binary.release
    if release is None:
        raise UnavailableError("no release with checksums")
    url, sums_url = _for_this_machine(release.url), _for_this_machine(release.sums_url)
    wanted = find_sum(_fetch_text(sums_url), url.rsplit("/", 1)[1])
    fetched = target.with_suffix(".download")
    try:
        with Progress(f"downloading {binary}", minutes=1):
            found = _fetch_file(url, fetched)
        if found != wanted:
            raise UnavailableError(f"{url}: SHA-256 is {found}, not {wanted}")
        _unpack(fetched, release.member, target)
    finally:
        fetched.unlink(missing_ok=True)


def find_sum(sums: str, file_name: str) -> str:
    """The SHA-256 of a file in a list of `SUM  NAME` lines, or in a file that holds one sum alone."""
    lines = [line.split() for line in sums.splitlines() if line.strip()]
    if len(lines) == 1 and len(lines[0]) == 1:
        return lines[0][0].lower()
    for line in lines:
        if line[-1].lstrip("*") == file_name:
            return line[0].lower()
    raise UnavailableError(f"no checksum for {file_name}")


def _for_this_machine(url: str) -> str:
    system, arch = platform.system().lower(), _ARCHITECTURES.get(platform.machine().lower(), "unknown")
    return url.format(platform=f"{system}/{arch}", os=system, arch=arch)


def _fetch_text(url: str) -> str:
    with _answer(url) as answer:
        return answer.read().decode()


def _fetch_file(url: str, target: Path) -> str:
    digest = hashlib.sha256()
    with _answer(url) as answer, target.open("wb") as output:
        while chunk := answer.read(_CHUNK_BYTES):
            digest.update(chunk)
            output.write(chunk)
    return digest.hexdigest()


@contextmanager
def _answer(url: str) -> Iterator[http.client.HTTPResponse]:
    """An answer to read in the block, where whatever breaks off leaves it to the next source."""
    with _open(url) as answer:
        try:
            yield answer
        except (OSError, http.client.HTTPException) as error:
            raise UnavailableError(f"{url}: {error}") from error


def _open(url: str) -> http.client.HTTPResponse:
    host = urlsplit(url).netloc
    if reason := _refusing_hosts.get(host):
        raise UnavailableError(reason)
    try:
        _probe(host)
        answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=_READ_SECONDS)
    except (OSError, http.client.HTTPException) as error:
        reason = f"{host}: {getattr(error, 'reason', None) or error}"
        if not isinstance(error, urllib.error.HTTPError):
            _refusing_hosts[host] = reason
        raise UnavailableError(reason) from error
    return answer


def _probe(host: str) -> None:
    """Connect with a short deadline of its own, unless a proxy does the connecting."""
    if urllib.request.getproxies().get("https"):
        return
    name, _, port = host.partition(":")
    socket.create_connection((name, int(port or 443)), timeout=_CONNECT_SECONDS).close()


def _unpack(fetched: Path, member: str, target: Path) -> None:
    if not member:
        fetched.rename(target)
        return
    with tarfile.open(fetched) as archive:
        for entry in archive:
            if entry.isfile() and entry.name.rsplit("/", 1)[-1] == member:
                content = archive.extractfile(entry)
                assert content is not None
                _copy(content, target)
                return
    raise UnavailableError(f"no file {member} in the archive")


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as output:
        while chunk := source.read(_CHUNK_BYTES):
            output.write(chunk)
