"""Releases are taken only with the right checksum, and a host that does not answer is asked once."""

import hashlib
import http.client
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local.binaries import download as module
from deploy.local.binaries.catalogue import Binary, GoSource, Release
from deploy.local.binaries.download import download, find_sum
from deploy.local.binaries.errors import UnavailableError

PROGRAM = b"\x7fELF program"


class Files:
    """A web server on the loopback interface with the given files."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.broken_off: set[str] = set()
        """Paths whose connection ends before the last byte."""
        files, broken_off = self.content, self.broken_off

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = files.get(self.path)
                self.send_response(404 if body is None else 200)
                if self.path in broken_off:
                    self.send_header("Content-Length", str(len(body or b"") + 1))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setattr(module, "_refusing_hosts", {})
    served = Files()
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()


def gadget(base: str, file_name: str, member: str = "") -> Binary:
    release = Release(f"{base}/{file_name}", f"{base}/SUMS", member)
    return Binary("gadget", "v1", ("1.",), GoSource("gadget", "gadget", minutes=1), release)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def archive(member: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        info = tarfile.TarInfo(member)
        info.size = len(PROGRAM)
        tar.addfile(info, io.BytesIO(PROGRAM))
    return buffer.getvalue()


def test_program_with_its_own_sum(files: Files, tmp_path: Path) -> None:
    files.content |= {"/gadget": PROGRAM, "/SUMS": sha256(PROGRAM).encode()}
    download(gadget(files.url, "gadget"), tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == PROGRAM


def test_member_of_an_archive_with_a_list_of_sums(files: Files, tmp_path: Path) -> None:
    packed = archive("gadget-v1/bin/gadget")
    sums = f"{'0' * 64}  other.tar.gz\n{sha256(packed)} *gadget.tar.gz\n"
    files.content |= {"/gadget.tar.gz": packed, "/SUMS": sums.encode()}
    download(gadget(files.url, "gadget.tar.gz", "gadget"), tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == PROGRAM
    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


def test_wrong_checksum_is_refused(files: Files, tmp_path: Path) -> None:
    files.content |= {"/gadget": PROGRAM + b"!", "/SUMS": sha256(PROGRAM).encode()}
    with pytest.raises(UnavailableError, match=f"SHA-256 is .*, not {sha256(PROGRAM)}"):
        download(gadget(files.url, "gadget"), tmp_path / "target")
    assert list(tmp_path.iterdir()) == []


def test_archive_without_the_program(files: Files, tmp_path: Path) -> None:
    packed = archive("something-else")
    files.content |= {"/gadget.tar.gz": packed, "/SUMS": sha256(packed).encode()}
    with pytest.raises(UnavailableError, match="no file gadget in the archive"):
        download(gadget(files.url, "gadget.tar.gz", "gadget"), tmp_path / "target")


def test_missing_file_does_not_condemn_the_host(files: Files, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="Not Found"):
        download(gadget(files.url, "gadget"), tmp_path / "target")
    files.content |= {"/gadget": PROGRAM, "/SUMS": sha256(PROGRAM).encode()}
    download(gadget(files.url, "gadget"), tmp_path / "target")


def test_host_that_refuses_is_asked_once(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(host: str) -> None:
        asked.append(host)
        raise ConnectionRefusedError("connection refused")

    monkeypatch.setattr(module, "_probe", refuse)
    for _ in range(2):
        with pytest.raises(UnavailableError, match="connection refused"):
            download(gadget(files.url, "gadget"), tmp_path / "target")
    assert len(asked) == 1


@pytest.mark.parametrize("sums", ["", f"{'0' * 64}  other\n", "\n\n"], ids=["empty", "another", "blank"])
def test_file_without_a_sum_is_refused(sums: str) -> None:
    with pytest.raises(UnavailableError, match="no checksum for gadget"):
        find_sum(sums, "gadget")


@pytest.mark.parametrize("path", ["/gadget", "/SUMS"])
def test_connection_that_ends_too_early_leaves_it_to_the_next_source(
    files: Files, tmp_path: Path, path: str
) -> None:
    files.content |= {"/gadget": PROGRAM + b"!", "/SUMS": sha256(PROGRAM).encode()}
    files.broken_off.add(path)
    with pytest.raises(UnavailableError):
        download(gadget(files.url, "gadget"), tmp_path / "target")
    assert list(tmp_path.iterdir()) == []


def test_host_that_falls_silent_in_the_middle_leaves_it_to_the_next_source(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.content |= {"/gadget": PROGRAM, "/SUMS": sha256(PROGRAM).encode()}

    def silent(*_: object) -> bytes:
        raise TimeoutError("timed out")

    monkeypatch.setattr(http.client.HTTPResponse, "read", silent)
    with pytest.raises(UnavailableError, match=f"{files.url}.*timed out"):
        download(gadget(files.url, "gadget"), tmp_path / "target")
