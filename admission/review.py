"""AdmissionReview on the wire: requests read leniently; answers about pods, which always allow."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from admission.operations import Operation
from common.api.meta import Struct


class GroupVersionResource(Struct, frozen=True):
    """The resource that a request is about."""

    group: str = ""
    version: str = ""
    resource: str = ""


class Request(Struct, frozen=True):
    """The part of an admission request that we read, whatever it is about."""

    uid: str
    operation: str = ""
    namespace: str = ""
    name: str = ""
    sub_resource: str = ""
    resource: GroupVersionResource = GroupVersionResource()


class ReviewRequest(Request, frozen=True):
    """The part of an admission request about a pod that we read."""

    dry_run: bool | None = None
    object: dict[str, Any] | None = None

    @property
    def creates_pod(self) -> bool:
        """Whether the request creates a pod: the only thing that we look at."""
        is_pod = self.resource.resource == "pods" and not self.resource.group and not self.sub_resource
        return is_pod and self.operation == "CREATE" and self.object is not None


R = TypeVar("R", bound=Request)


class Review(Struct, Generic[R], frozen=True):
    """A review as it arrives."""

    request: R


class _Uid(Struct, frozen=True):
    uid: str = ""


class _Identified(Struct, frozen=True):
    request: _Uid = _Uid()


class MalformedReview(ValueError):  # noqa: N818 - named after what it is
    """The body is no admission review; ``uid`` is that of the request where it could be read."""

    def __init__(self, message: str, uid: str) -> None:
        super().__init__(message)
        self.uid = uid


_PODS: Final = msgspec.json.Decoder(Review[ReviewRequest])
_UID: Final = msgspec.json.Decoder(_Identified)
_ENCODER: Final = msgspec.json.Encoder()
_HEAD: Final = b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":'


def decode_review(body: bytes) -> ReviewRequest:
    """Reads a request about a pod.

    Raises:
        MalformedReview: The body is no review.
    """
    return decode_request(_PODS, body)


def decode_request(decoder: msgspec.json.Decoder[Review[R]], body: bytes) -> R:
    """Reads a request.

    Args:
        decoder: Of reviews with the kind of request that is expected.
        body: As it arrived.

    Raises:
        MalformedReview: The body is no review.
    """
    try:
        return decoder.decode(body).request
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedReview(str(error), _uid_of(body)) from error


def encode_answer(uid: str, operations: Sequence[Operation] = (), warnings: Sequence[str] = ()) -> bytes:
    """Returns an answer that allows the request, with a patch where there are operations."""
    parts = [_HEAD, _ENCODER.encode(uid), b',"allowed":true']
    if operations:
        patch = base64.b64encode(_ENCODER.encode(operations))
        parts += [b',"patchType":"JSONPatch","patch":"', patch, b'"']
    if warnings:
        parts += [b',"warnings":', _ENCODER.encode(warnings)]
    return b"".join([*parts, b"}}"])


def _uid_of(body: bytes) -> str:
    try:
        return _UID.decode(body).request.uid
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
