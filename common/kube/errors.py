"""Errors of the API layer: those worth trying again, and those that no retry will cure."""

# ruff: noqa: N818 - the names say what happened, as the API's own reasons do

from __future__ import annotations

from http import HTTPStatus

import msgspec

from common.api.meta import Struct


class StatusCause(Struct, frozen=True):
    """One cause of a refusal: the field, what is wrong with it, and a machine-readable reason."""

    reason: str = ""
    message: str = ""
    field: str = ""


class StatusDetails(Struct, frozen=True):
    """The details of a Status that we read."""

    causes: list[StatusCause] = msgspec.field(default_factory=list)
    retry_after_seconds: int = 0


class Status(Struct, frozen=True):
    """The API server's ``Status`` object."""

    code: int = 0
    reason: str = ""
    message: str = ""
    details: StatusDetails | None = None

    @property
    def causes(self) -> list[StatusCause]:
        """Every cause that the server named; empty where it named none."""
        return self.details.causes if self.details else []


class KubeError(Exception):
    """Base of all errors of the API layer."""


class RetryableError(KubeError):
    """The same call may well succeed later; ``retry_after_seconds`` is the server's wish, if any."""

    def __init__(self, message: str = "", *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class PermanentError(KubeError):
    """The same call will fail again until somebody changes something."""


class ConnectionFailed(RetryableError):
    """No complete answer: refused, reset, broken off or not understood. A write may still have landed."""


class ConnectionNotMade(ConnectionFailed):
    """The connection never came about, so nothing was sent."""


class DeadlineExceeded(RetryableError):
    """No answer within the deadline. A write may still land."""


class ConfigError(PermanentError):
    """The configuration of the cluster connection is incomplete or contradictory."""


class ApiError(KubeError):
    """The server answered with a refusal; ``status`` is its explanation."""

    def __init__(self, status: Status, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{status.code} {status.reason}: {status.message}")
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class Rejected(ApiError, PermanentError):
    """A refusal that no retry will cure and that has no class of its own."""


class NotFound(ApiError, PermanentError):
    """404: the object is not there, or the API server does not know its kind."""


class AlreadyExists(ApiError, PermanentError):
    """409: an object of that name is there already."""


class Invalid(ApiError, PermanentError):
    """422: the object breaks a rule of its schema; ``status.causes`` name the fields."""


class Forbidden(ApiError, PermanentError):
    """403: this identity may not do that."""


class Unauthorized(Forbidden):
    """401: the server does not accept our credentials."""


class Conflict(ApiError, RetryableError):
    """409: the object changed since it was read; read it again and decide anew."""


class Gone(ApiError, RetryableError):
    """410: that resource version is no longer known; list again."""


class TooManyRequests(ApiError, RetryableError):
    """429: the server sheds load, or a disruption budget forbids an eviction for now."""

    @property
    def disruption_budget(self) -> bool:
        """Whether a PodDisruptionBudget said no, as opposed to an overloaded server."""
        return any(cause.reason == "DisruptionBudget" for cause in self.status.causes)


class ServerError(ApiError, RetryableError):
    """5xx: the server failed or is not ready."""


_BY_CODE: dict[int, type[ApiError]] = {
    HTTPStatus.UNAUTHORIZED: Unauthorized,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.GONE: Gone,
    HTTPStatus.UNPROCESSABLE_ENTITY: Invalid,
    HTTPStatus.TOO_MANY_REQUESTS: TooManyRequests,
}

_STATUS_DECODER = msgspec.json.Decoder(Status)


def api_error(code: int, body: bytes, retry_after_seconds: float | None = None) -> ApiError:
    """Builds the typed error for an HTTP answer.

    Args:
        code: HTTP status, 400 or above.
        body: What the server sent: normally a ``Status`` in JSON, but proxies send anything.
        retry_after_seconds: The value of ``Retry-After``, where the header was there.
    """
    return status_error(_read_status(code, body), retry_after_seconds)


def status_error(status: Status, retry_after_seconds: float | None = None) -> ApiError:
    """Builds the typed error for a ``Status``, as it also arrives in ERROR events of a watch."""
    if retry_after_seconds is None and status.details and status.details.retry_after_seconds:
        retry_after_seconds = float(status.details.retry_after_seconds)
    return _error_type(status)(status, retry_after_seconds=retry_after_seconds)


def _error_type(status: Status) -> type[ApiError]:
    if status.reason == "AlreadyExists":
        return AlreadyExists
    if status.reason == "Expired":
        return Gone
    if status.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError
    return _BY_CODE.get(status.code, Rejected)


def _read_status(code: int, body: bytes) -> Status:
    try:
        status = _STATUS_DECODER.decode(body)
    except msgspec.DecodeError:
        status = Status(message=body[:500].decode("utf-8", "replace").strip())
    # A proxy may number its errors in its own way: what HTTP says counts.
    return msgspec.structs.replace(status, code=code, reason=status.reason or _phrase(code))


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase.replace(" ", "")
    except ValueError:
        return "Unknown"
