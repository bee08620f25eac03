"""Every setting of the admission webhook, with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.names import NAMESPACE
from common.service.settings import ServiceSettings, setting


@dataclass(frozen=True)
class AdmissionSettings(ServiceSettings):
    """Settings of the webhook; the timeouts are chosen so that ours ends before the API server's."""

    webhook_listen_address: str = setting(
        ":9443",
        unit="host:port",
        group="Webhook",
        reason="where the API server's requests arrive over TLS; on all addresses, as Services need",
    )
    webhook_port_file: str = setting(
        "",
        unit="path",
        group="Webhook",
        reason="the bound TLS port is written here, for whoever chose port 0",
    )
    request_deadline_seconds: float = setting(
        1.5,
        unit="s",
        group="Webhook",
        minimum=0.01,
        reason="a request that takes longer to arrive is given up, before the API server gives up on us",
    )
    max_body_bytes: int = setting(
        5_000_000,
        unit="bytes",
        group="Webhook",
        minimum=1,
        reason="larger requests get 413; etcd refuses objects over 1.5 MB, and a review holds at most two",
    )
    drain_seconds: float = setting(
        2.0,
        unit="s",
        group="Webhook",
        minimum=0,
        reason="requests are still accepted so long after SIGTERM: it takes a moment until none is sent here",
    )
    register: bool = setting(
        True,
        group="Registration",
        reason="keep the MutatingWebhookConfiguration as it should be; false where somebody else installs it",
    )
    webhook_url: str = setting(
        "",
        unit="URL",
        group="Registration",
        reason="https URL to register where no Service leads here; port 0 stands for the bound one",
    )
    service_name: str = setting(
        "climatik-admission", group="Registration", reason="the Service that leads the API server here"
    )
    service_port: int = setting(
        443, group="Registration", minimum=1, maximum=65_535, reason="the port of that Service"
    )
    namespace: str = setting(
        NAMESPACE,
        group="Registration",
        reason="where the Service and the Secret of the authority live; its own pods are never touched",
    )
    excluded_namespaces: tuple[str, ...] = setting(
        ("kube-system", "kube-node-lease", "kube-public"),
        group="Registration",
        reason="pods here are never sent to us, so that the cluster itself starts whatever state we are in",
    )
    webhook_timeout_seconds: int = setting(
        2,
        unit="s",
        group="Registration",
        minimum=1,
        maximum=30,
        reason="the most that a hanging webhook can delay a pod's creation; one that is down delays none",
    )
    tls_cert_file: str = setting(
        "",
        unit="path",
        group="Certificates",
        reason="serve this (say, cert-manager's) instead of issuing one; read again when it changes",
    )
    tls_key_file: str = setting("", unit="path", group="Certificates", reason="the key of --tls-cert-file")
    ca_file: str = setting(
        "",
        unit="path",
        group="Certificates",
        reason="what the API server shall trust when --tls-cert-file is given",
    )
    leaf_lifetime_hours: float = setting(
        168.0,
        unit="h",
        group="Certificates",
        minimum=0.01,
        reason="life of an issued certificate; renewed after two thirds: two days are left to cure a failure",
    )
    refresh_seconds: float = setting(
        60.0,
        unit="s",
        group="Certificates",
        minimum=0.1,
        reason="how often certificate and registration are checked, besides the watch for changes",
    )
    default_gpu_watts: int = setting(
        700,
        unit="W",
        group="Estimates",
        minimum=1,
        reason="nameplate of a GPU whose product no node label names: that of common data-centre boards",
    )
    gpu_nameplate_watts: tuple[str, ...] = setting(
        (),
        unit="PRODUCT=W,...",
        group="Estimates",
        reason="adds to the built-in table; PRODUCT is a part of the label nvidia.com/gpu.product",
    )
    watts_per_cpu: float = setting(
        4.0,
        unit="W",
        group="Estimates",
        minimum=0,
        reason="share of a server's power for each requested CPU: two sockets of 64 threads draw about 500 W",
    )
    floor_watts: int = setting(
        5, unit="W", group="Estimates", minimum=1,
        reason="the least that is reserved for a pod, so that many small ones are not free",
    )  # fmt: skip
    placement_age_seconds: float = setting(
        150.0,
        unit="s",
        group="Placement",
        minimum=1,
        reason="reports of PowerDomains, written each minute at least, that are older than this steer no pod",
    )
