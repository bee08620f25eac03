"""The protocol buffers wire format, as far as a reader of three small messages needs it. Pure.

Format: protobuf.dev/programming-guides/encoding. The protobuf library would do it for 5 MiB more of memory.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED_64, _LENGTH_DELIMITED, _FIXED_32 = 0, 1, 2, 5
_LONGEST_VARINT_BYTES = 10


class MalformedMessageError(ValueError):
    """The bytes are no message of the wire format."""


def chunks(message: bytes, wanted: int) -> Iterator[bytes]:
    """Yields the contents of one length-delimited field (text, bytes or a message), in order.

    Args:
        message: An encoded message.
        wanted: The field's number; all other fields are passed over, also ones of later versions.

    Raises:
        MalformedMessageError: The bytes cannot be read.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise MalformedMessageError("field number 0")
        start, at = _span(message, at, wire_type)
        if number == wanted and wire_type == _LENGTH_DELIMITED:
            yield message[start:at]


def text(message: bytes, wanted: int) -> str:
    """Returns a text field; empty where it is not set, the last one where it is set twice.

    Raises:
        MalformedMessageError: The bytes cannot be read, or are no UTF-8.
    """
    found = b""
    for found in chunks(message, wanted):  # noqa: B007 - the last one counts
        pass
    return _decoded(found)


def texts(message: bytes, wanted: int) -> tuple[str, ...]:
    """Returns a repeated text field.

    Raises:
        MalformedMessageError: The bytes cannot be read, or are no UTF-8.
    """
    return tuple(_decoded(found) for found in chunks(message, wanted))


def _decoded(found: bytes) -> str:
    try:
        return found.decode()
    except UnicodeDecodeError as error:
        raise MalformedMessageError(f"text that is no UTF-8: {error}") from error


def _span(message: bytes, at: int, wire_type: int) -> tuple[int, int]:
    """Returns where a field's contents begin and end."""
    if wire_type == _VARINT:
        return at, _varint(message, at)[1]
    if wire_type == _LENGTH_DELIMITED:
        length, start = _varint(message, at)
    elif wire_type in (_FIXED_64, _FIXED_32):
        length, start = (8 if wire_type == _FIXED_64 else 4), at
    else:
        raise MalformedMessageError(f"wire type {wire_type}")
    if start + length > len(message):
        raise MalformedMessageError("a field ends after its message")
    return start, start + length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_LONGEST_VARINT_BYTES):
        if at + place >= len(message):
            break
        byte = message[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise MalformedMessageError("a number without an end")
