"""Every setting of the alerts process, with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.names import NAMESPACE
from common.service.settings import ServiceSettings, setting


@dataclass(frozen=True)
class AlertSettings(ServiceSettings):
    """Settings of ``python -m admission --alerts``."""

    alerts: bool = setting(True, group="Alerts", reason="run this process rather than the webhook")
    namespace: str = setting(
        NAMESPACE, group="Alerts", reason="where the Leases of the actuator and of this process live"
    )
    state_folder: str = setting(
        "/var/lib/climatik/alerts",
        unit="path",
        group="Alerts",
        reason="what fires and what waits for a sink is kept here, so that a restart loses nothing",
    )
    queue_length: int = setting(
        1000, unit="alerts", group="Alerts", minimum=1,
        reason="most alerts that wait for one sink; beyond it the least severe and oldest is dropped",
    )  # fmt: skip
    look_seconds: float = setting(
        5.0, unit="s", group="Alerts", minimum=0.1, reason="how often the facts are looked at"
    )
    fire_after_seconds: float = setting(
        30.0,
        unit="s",
        group="Alerts",
        minimum=0,
        reason="what passes sooner, as a device being written, is none",
    )
    resolve_after_seconds: float = setting(
        60.0, unit="s", group="Alerts", minimum=0, reason="what comes back sooner is still the same alert"
    )
    probe_seconds: float = setting(
        15.0,
        unit="s",
        group="Alerts",
        minimum=0,
        reason="how often the webhook is called as the API server calls it; 0 for never",
    )
    quiet_hours: str = setting(
        "",
        unit="HH:MM-HH:MM",
        group="Alerts",
        reason="people are told only what is critical; the rest waits. Alertmanager has its own and gets all",
    )
    quiet_hours_time_zone: str = setting("UTC", group="Alerts", reason="IANA time zone of --quiet-hours")
    messages_per_minute: float = setting(
        6.0, group="Alerts", minimum=0.01, reason="on average to Slack and each webhook, ten at once at most"
    )
    gather_seconds: float = setting(
        5.0, unit="s", group="Alerts", minimum=0, reason="what begins together is told in one message"
    )
    events: bool = setting(True, group="Sinks", reason="write Kubernetes Events about the objects")
    slack_webhook_url: str = setting(
        "", unit="URL", group="Sinks", secret=True, env="SLACK_WEBHOOK_URL",
        reason="Slack incoming webhook; rather by variable or file than by flag, which others can see",
    )  # fmt: skip
    slack_webhook_url_file: str = setting(
        "", unit="path", group="Sinks", reason="file that holds it, as a mounted Secret"
    )
    slack_buttons: bool = setting(
        False,
        group="Sinks",
        reason="buttons Approve, Snooze and Explain under alerts; they need the Slack app to answer them",
    )
    alertmanager_urls: tuple[str, ...] = setting(
        (), unit="URL,...", group="Sinks", reason="every member of an Alertmanager cluster, as they want it"
    )
    alertmanager_resend_seconds: float = setting(
        60.0, unit="s", group="Sinks", minimum=1,
        reason="firing alerts are sent again so often, and end by themselves after four times that",
    )  # fmt: skip
    cloudevents_url: str = setting(
        "", unit="URL", group="Sinks", secret=True, env="CLIMATIK_CLOUDEVENTS_URL",
        reason="any HTTP endpoint; gets CloudEvents in binary mode",
    )  # fmt: skip
    cloudevents_url_file: str = setting("", unit="path", group="Sinks", reason="file that holds it")
    cloudevents_token_file: str = setting(
        "", unit="path", group="Sinks", reason="file with the bearer token to send along"
    )
