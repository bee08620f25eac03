"""What follows from the settings taken together."""

from __future__ import annotations

from urllib.parse import urlsplit

from admission.configuration import check_url
from admission.leaf import service_names
from admission.nameplates import Nameplates, parse_gpu_watts
from admission.settings import AdmissionSettings
from common.service.settings import SettingsError


def check_settings(settings: AdmissionSettings) -> None:
    """Checks what single settings cannot.

    Raises:
        SettingsError: Naming the flags and the remedy.
    """
    check_url(settings.webhook_url)
    files = (settings.tls_cert_file, settings.tls_key_file, settings.ca_file)
    if any(files) and not all(files):
        raise SettingsError(
            "--tls-cert-file, --tls-key-file and --ca-file belong together: "
            "give all three, or none to have a certificate issued."
        )
    if settings.request_deadline_seconds >= settings.webhook_timeout_seconds:
        raise SettingsError(
            f"--request-deadline-seconds: {settings.request_deadline_seconds:g} is not under "
            f"--webhook-timeout-seconds, {settings.webhook_timeout_seconds}. Give a smaller one."
        )


def serving_names(settings: AdmissionSettings) -> list[str]:
    """Returns every name and address by which the API server may call this replica."""
    host = urlsplit(settings.webhook_url).hostname
    local = [host] if host else []
    return service_names(settings.service_name, settings.namespace) + local


def nameplates_of(settings: AdmissionSettings) -> Nameplates:
    """Returns the nameplates that the settings describe."""
    return Nameplates(
        gpu_watts=parse_gpu_watts(settings.gpu_nameplate_watts),
        default_gpu_watts=settings.default_gpu_watts,
        watts_per_cpu=settings.watts_per_cpu,
        floor_watts=settings.floor_watts,
    )
