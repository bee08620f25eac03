"""Resolve the requirements of pyproject.toml and write them, with versions and hashes, into requirements/."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "build" / "tools"
NVIDIA = ("--extra", "nvidia")
LOCKS = {
    "nodeagent": NVIDIA,
    # What the image holds: it runs the node agent too.
    "control-plane": ("--extra", "control-plane", *NVIDIA),
    "dev": ("--extra", "dev"),
}


def main() -> int:
    """Returns the exit status of the first resolution that failed, or 0."""
    uv = shutil.which("uv") or _install_uv()
    for name, extras in LOCKS.items():
        target = f"requirements/{name}.txt"
        arguments = [
            "--universal",
            "--generate-hashes",
            "-p",
            "3.11",
            *extras,
            "pyproject.toml",
            "-o",
            target,
        ]
        status = subprocess.run(
            [uv, "pip", "compile", "--quiet", *arguments], cwd=ROOT, check=False
        ).returncode
        if status:
            return status
        print(f"wrote {target}")
    return 0


def _install_uv() -> str:
    program = TOOLS / "bin" / "uv"
    if not program.exists():
        print("fetching uv …", flush=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--target", str(TOOLS), "uv"], check=True)
    return str(program)


if __name__ == "__main__":
    sys.exit(main())
