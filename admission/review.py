"""AdmissionReview on the wire: requests read leniently, answers that always allow."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from admission.operations import Operation
from common.api.meta import Struct


class GroupVersionResource(Struct, frozen=True):
    """The resource that a request is about."""

    group: str = ""
    version: str = ""
    resource: str = ""


class ReviewRequest(Struct, frozen=True):
    """The part of an admission request that we read."""

    uid: str
    operation: str = ""
    namespace: str = ""
    name: str = ""
    sub_resource: str = ""
    dry_run: bool | None = None
    resource: GroupVersionResource = GroupVersionResource()
    object: dict[str, Any] | None = None

    @property
    def creates_pod(self) -> bool:
        """Whether the request creates a pod: the only thing that we look at."""
        is_pod = self.resource.resource == "pods" and not self.resource.group and not self.sub_resource
        return is_pod and self.operation == "CREATE" and self.object is not None


class _Review(Struct, frozen=True):
    request: ReviewRequest


class _Uid(Struct, frozen=True):
    uid: str = ""


class _Identified(Struct, frozen=True):
    request: _Uid = _Uid()


class MalformedReview(ValueError):  # noqa: N818 - named after what it is
    """The body is no admission review; ``uid`` is that of the request where it could be read."""

    def __init__(self, message: str, uid: str) -> None:
        super().__init__(message)
        self.uid = uid


_REVIEW: Final = msgspec.json.Decoder(_Review)
_UID: Final = msgspec.json.Decoder(_Identified)
_ENCODER: Final = msgspec.json.Encoder()
_HEAD: Final = b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":'


def decode_review(body: bytes) -> ReviewRequest:
    """Reads a request.

    Raises:
        MalformedReview: The body is no review.
    """
    try:
        return _REVIEW.decode(body).request
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
