"""How the recommender gets at a Prometheus: by address, or through an object of the operator's making."""

from __future__ import annotations

import importlib
from contextlib import AsyncExitStack

from common.service.options import SettingsError
from common.telemetry.prometheus import PowerQueries, Prometheus, PrometheusSettings
from common.telemetry.prometheus_connect import Connect, ConnectedPrometheus
from recommender.config import RecommenderSettings


async def open_prometheus(settings: RecommenderSettings, stack: AsyncExitStack) -> PowerQueries | None:
    """Returns who answers queries; None where power is to be read without a Prometheus.

    Args:
        settings: The address with its credentials, or the function that makes a ``PrometheusConnect``.
        stack: Closes the connections.

    Raises:
        SettingsError: The function cannot be found, fails, or makes something else.
    """
    if settings.prometheus_connect:
        connect = make_connect(settings.prometheus_connect)
        return ConnectedPrometheus(connect, deadline_seconds=settings.prometheus_deadline_seconds)
    if not settings.prometheus_url:
        return None
    return await stack.enter_async_context(
        Prometheus(
            PrometheusSettings(
                url=settings.prometheus_url,
                token_file=settings.prometheus_token_file,
                ca_file=settings.prometheus_ca_file,
                client_cert_file=settings.prometheus_client_cert_file,
                client_key_file=settings.prometheus_client_key_file,
                deadline_seconds=settings.prometheus_deadline_seconds,
            )
        )
    )


def make_connect(name: str) -> Connect:
    """Calls ``module:function``, which returns a ``PrometheusConnect`` or its like.

    Raises:
        SettingsError: Naming the flag and what is wrong.
    """
    module, colon, function = name.partition(":")
    if not colon:
        raise SettingsError(f"--prometheus-connect: {name!r} is not module:function")
    try:
        made = getattr(importlib.import_module(module), function)()
    except Exception as error:  # of whatever code was named
        raise SettingsError(f"--prometheus-connect: {name} cannot be used ({error!r})") from error
    if not (hasattr(made, "custom_query") and hasattr(made, "custom_query_range")):
        raise SettingsError(
            f"--prometheus-connect: {name} returned a {type(made).__name__}, which has no custom_query"
        )
    connect: Connect = made
    return connect
