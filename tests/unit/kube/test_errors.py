"""Refusals become typed errors that carry the server's own Status."""

import json

import pytest

from common.kube import errors
from common.kube.errors import api_error

CASES = [
    (400, "BadRequest", errors.Rejected, False),
    (401, "Unauthorized", errors.Unauthorized, False),
    (403, "Forbidden", errors.Forbidden, False),
    (404, "NotFound", errors.NotFound, False),
    (409, "AlreadyExists", errors.AlreadyExists, False),
    (409, "Conflict", errors.Conflict, True),
    (410, "Expired", errors.Gone, True),
    (413, "RequestEntityTooLarge", errors.Rejected, False),
    (422, "Invalid", errors.Invalid, False),
    (429, "TooManyRequests", errors.TooManyRequests, True),
    (500, "InternalError", errors.ServerError, True),
    (503, "ServiceUnavailable", errors.ServerError, True),
    (504, "Timeout", errors.ServerError, True),
]


@pytest.mark.parametrize(
    ("code", "reason", "expected", "retryable"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES]
)
def test_each_refusal_has_its_type(code: int, reason: str, expected: type, retryable: bool) -> None:
    error = api_error(
        code, json.dumps({"kind": "Status", "code": code, "reason": reason, "message": "m"}).encode()
    )
    assert type(error) is expected
    assert isinstance(error, errors.RetryableError) is retryable
    assert isinstance(error, errors.PermanentError) is not retryable
    assert error.status.reason == reason


def test_causes_name_the_fields() -> None:
    cause = {"reason": "FieldValueInvalid", "message": "must be positive", "field": "spec.powerCapLimit"}
    body = {"code": 422, "reason": "Invalid", "message": "no", "details": {"causes": [cause]}}
    error = api_error(422, json.dumps(body).encode())
    assert [each.field for each in error.status.causes] == ["spec.powerCapLimit"]


@pytest.mark.parametrize(
    "body",
    [b"", b"upstream connect error", b"<html>", b"[1]", b"\xff\xfe", b'{"code":14,"message":"upstream"}'],
)
def test_a_proxy_that_sends_no_status_still_gives_a_typed_error(body: bytes) -> None:
    error = api_error(503, body)
    assert isinstance(error, errors.ServerError)
    assert error.status.code == 503
    assert error.status.reason == "ServiceUnavailable"


def test_the_header_goes_before_the_wish_in_the_body() -> None:
    body = json.dumps(
        {"code": 429, "reason": "TooManyRequests", "details": {"retryAfterSeconds": 7}}
    ).encode()
    assert api_error(429, body).retry_after_seconds == 7.0  # type: ignore[attr-defined]
    assert api_error(429, body, 2.0).retry_after_seconds == 2.0  # type: ignore[attr-defined]


def test_an_eviction_refused_by_a_budget_is_told_apart_from_an_overloaded_server() -> None:
    details = {"causes": [{"reason": "DisruptionBudget", "message": "needs 2 healthy pods"}]}
    refused = api_error(
        429, json.dumps({"code": 429, "reason": "TooManyRequests", "details": details}).encode()
    )
    overloaded = api_error(429, b"")
    assert isinstance(refused, errors.TooManyRequests)
    assert refused.disruption_budget
    assert isinstance(overloaded, errors.TooManyRequests)
    assert not overloaded.disruption_budget
