"""AdmissionReviews of our own kinds: requests read leniently, answers with a verdict."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from admission.review import Request, Review, decode_request
from admission.validation.verdict import Verdict

_UNPROCESSABLE: Final = 422


class ValidationRequest(Request, frozen=True):
    """The part of a request that we read; objects stay raw until it is known what they are."""

    object: msgspec.Raw = msgspec.Raw(b"null")
    old_object: msgspec.Raw = msgspec.Raw(b"null")


_DECODER: Final = msgspec.json.Decoder(Review[ValidationRequest])


def decode_validation(body: bytes) -> ValidationRequest:
    """Reads a request.

    Raises:
        MalformedReview: The body is no review.
    """
    return decode_request(_DECODER, body)


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
