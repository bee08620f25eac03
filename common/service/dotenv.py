"""A file ``.env`` in the working directory: variables for whoever starts a program by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FILE: Final = ".env"

ORIGIN_NAMES: Final = {"PROMETHEUS_HOST": "CLIMATIK_PROMETHEUS_URL"}
"""Names that the origin of the project used, and what they are called here; ours win."""

_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
_COMMENT: Final = re.compile(r"\s+#.*")


def with_dotenv(environ: Mapping[str, str], path: Path | None = None) -> dict[str, str]:
    """Returns the environment, completed from the file where there is one that can be read.

    Args:
        environ: What the process was started with; it wins.
        path: The file; ``.env`` in the working directory where None.
    """
    try:
        text = (path or Path(FILE)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    merged = {**parse_dotenv(text), **environ}
    for theirs, ours in ORIGIN_NAMES.items():
        if theirs in merged:
            merged.setdefault(ours, merged[theirs])
    return merged


def parse_dotenv(text: str) -> dict[str, str]:
    """Returns the variables of ``NAME=value`` lines; ``export``, quotes and comments are understood.

    A value in single or double quotes is taken as it stands; one without ends before `` #``. Lines of another
    form are passed over.
    """
    found = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is not None:
            found[match[1]] = _value(match[2])
    return found


def _value(text: str) -> str:
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        if end > 0:
            return text[1:end]
    return "" if text.startswith("#") else _COMMENT.sub("", text)
