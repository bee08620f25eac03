"""What can go wrong on the way to a program."""


class UnavailableError(RuntimeError):
    """This source does not have the program here; the next one may."""


class MissingBinaryError(RuntimeError):
    """No source has the program; the text says why for each."""
