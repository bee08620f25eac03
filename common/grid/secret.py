"""Credentials from the environment or a mounted Secret; they never appear in text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from common.grid.errors import GridRefusedError


@dataclass(frozen=True)
class SecretText:
    """Where a credential is; it is read anew for each use, since Secrets are rotated.

    Attributes:
        variable: Name of an environment variable; empty for none.
        file: Path of a file, which goes before the variable; empty for none.
    """

    variable: str = ""
    file: str = ""

    def read(self, environ: Mapping[str, str] | None = None) -> str:
        """Returns the credential without surrounding space.

        Raises:
            GridRefusedError: It is neither in the file nor in the environment; the message names both.
        """
        if self.file:
            return self._from_file()
        text = (os.environ if environ is None else environ).get(self.variable, "").strip()
        if not text:
            raise GridRefusedError(
                f"no credential in the environment variable {self.variable or '(none named)'}; "
                "set it or name a file of a mounted Secret"
            )
        return text

    def _from_file(self) -> str:
        try:
            text = Path(self.file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise GridRefusedError(
                f"cannot read the credential file {self.file} ({type(error).__name__}); check the mount"
            ) from error
        if not text:
            raise GridRefusedError(f"the credential file {self.file} is empty; fill the Secret's key")
        return text
