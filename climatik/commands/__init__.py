"""The commands, one file each; a command is what it is called, what it takes and what it does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One command of the command line.

    Attributes:
        name: What the user types.
        summary: One line for the list of commands.
        add_arguments: Declares the command's own arguments.
        run: Does it, and returns the exit status.
        description: What ``--help`` says above the arguments; the summary where it is empty.
    """

    name: str
    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    description: str = ""
