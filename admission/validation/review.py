"""AdmissionReviews of our own kinds: requests read leniently, answers with a verdict."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from admission.validation.verdict import Verdict
from common.api.meta import Struct

_UNPROCESSABLE: Final = 422


class ReviewedResource(Struct, frozen=True):
    """The resource that a request is about."""

    group: str = ""
    version: str = ""
    resource: str = ""


class ValidationRequest(Struct, frozen=True):
    """The part of a request that we read; objects stay raw until it is known what they are."""

    uid: str
    operation: str = ""
    namespace: str = ""
    name: str = ""
    sub_resource: str = ""
    resource: ReviewedResource = ReviewedResource()
    object: msgspec.Raw = msgspec.Raw(b"null")
    old_object: msgspec.Raw = msgspec.Raw(b"null")


class ValidationReview(Struct, frozen=True):
    """A review as it arrives."""

    request: ValidationRequest


_DECODER: Final = msgspec.json.Decoder(ValidationReview)


def decode_validation(body: bytes) -> ValidationRequest:
    """Reads a request.

    Raises:
        msgspec.DecodeError: The body is no review.
        UnicodeDecodeError: It is no text.
        RecursionError: It is nested too deep.
    """
    return _DECODER.decode(body).request


def encode_verdict(uid: str, verdict: Verdict) -> bytes:
    """Returns the answer; refused with one message where there are refusals."""
    response: dict[str, Any] = {"uid": uid, "allowed": not verdict.refusals}
    if verdict.refusals:
        message = "; ".join(verdict.refusals)
        response["status"] = {"code": _UNPROCESSABLE, "reason": "Invalid", "message": message}
    if warnings := verdict.shown_warnings():
        response["warnings"] = warnings
    return msgspec.json.encode(
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
    )
