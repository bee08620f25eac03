"""Whether a file has changed: certificates and tokens are replaced under a running process."""

from __future__ import annotations

import os

FileMark = tuple[int, int, int] | None


def file_mark(path: str) -> FileMark:
    """Returns what changes when a file does (after following links), or None where there is no file.

    Inode, size and modification time: so the symlink swap by which the kubelet updates mounted volumes is
    seen as well.
    """
    try:
        stat = os.stat(path) if path else None
    except OSError:
        return None
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns) if stat else None
