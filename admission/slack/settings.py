"""Every setting of the Slack app, with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.names import NAMESPACE
from common.api.policy import LEVER_FREQUENCY, LEVER_POWER_LIMIT, LEVER_SCALE
from common.service.settings import ServiceSettings, setting

_PEOPLE = "IDs of users (U…) and user groups (S…), or * for everybody of the workspace"


@dataclass(frozen=True)
class SlackSettings(ServiceSettings):
    """Settings of ``python -m admission --slack``."""

    slack: bool = setting(True, group="Slack", reason="run this process rather than the webhook")
    slack_listen_address: str = setting(
        ":8090",
        unit="host:port",
        group="Slack",
        reason="where Slack's requests arrive, from an Ingress that ends TLS; apart from /metrics",
    )
    slack_port_file: str = setting(
        "", unit="path", group="Slack", reason="the bound port is written here, for whoever chose port 0"
    )
    slack_signing_secret: str = setting(
        "", group="Slack", secret=True, env="SLACK_SIGNING_SECRET",
        reason="by which requests are known to be Slack's; rather by variable or file than by flag",
    )  # fmt: skip
    slack_signing_secret_file: str = setting(
        "", unit="path", group="Slack", reason="file that holds it, as a mounted Secret"
    )
    slack_bot_token: str = setting(
        "", group="Slack", secret=True, env="SLACK_BOT_TOKEN",
        reason="asks who is in a user group (scope usergroups:read); only needed where a list names groups",
    )  # fmt: skip
    slack_bot_token_file: str = setting("", unit="path", group="Slack", reason="file that holds it")
    slack_api_url: str = setting(
        "https://slack.com/api/",
        unit="URL",
        group="Slack",
        reason="Slack's Web API; another address is for proxies and for trials",
    )
    max_body_bytes: int = setting(
        262_144,
        unit="bytes",
        group="Slack",
        minimum=1,
        reason="larger requests get 413; a button brings the message that it is under, some 60 kB at most",
    )
    answer_seconds: float = setting(
        2.0, unit="s", group="Slack", minimum=0.01, maximum=2.9,
        reason="what takes longer is answered later by response_url: Slack gives up after 3 s",
    )  # fmt: skip
    may_read: tuple[str, ...] = setting(
        (), unit="ID,...", group="Permissions", reason=f"who may use status and explain: {_PEOPLE}"
    )
    may_snooze: tuple[str, ...] = setting(
        (), unit="ID,...", group="Permissions", reason=f"who may silence alerts: {_PEOPLE}"
    )
    may_approve: tuple[str, ...] = setting(
        (), unit="ID,...", group="Permissions", reason=f"who may approve and revoke: {_PEOPLE}"
    )
    group_cache_seconds: float = setting(
        300.0,
        unit="s",
        group="Permissions",
        minimum=1,
        reason="members of user groups are asked for so often; whoever leaves one loses his rights this soon",
    )
    approve_levers: tuple[str, ...] = setting(
        (LEVER_FREQUENCY, LEVER_POWER_LIMIT), group="Approvals",
        choices=(LEVER_FREQUENCY, LEVER_POWER_LIMIT, LEVER_SCALE),
        reason="levers that an approval switches on: those that stop no pod, and are undone in a second",
    )  # fmt: skip
    approve_minutes: int = setting(
        60,
        unit="min",
        group="Approvals",
        minimum=1,
        reason="how long an approval holds unless it says otherwise",
    )
    approve_minutes_most: int = setting(
        480, unit="min", group="Approvals", minimum=1,
        reason="the longest approval: what shall hold for longer belongs into the policy itself",
    )  # fmt: skip
    look_seconds: float = setting(
        5.0,
        unit="s",
        group="Approvals",
        minimum=0.1,
        reason="how often approvals that have ended are looked for",
    )
    snooze_minutes: int = setting(
        60, unit="min", group="Snoozes", minimum=1, reason="how long a snooze holds unless it says otherwise"
    )
    snooze_minutes_most: int = setting(
        1440, unit="min", group="Snoozes", minimum=1, reason="the longest snooze"
    )
    namespace: str = setting(
        NAMESPACE, group="Slack", reason="where snoozes and the actuator's record of decisions are kept"
    )
