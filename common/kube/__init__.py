"""The API layer: client, informers, work queue, apply, events, leader election."""

from common.kube.apply import apply_if_changed
from common.kube.backoff import Backoff
from common.kube.client import Client
from common.kube.codec import ObjectList
from common.kube.config import ClusterConfig, TlsConfig
from common.kube.config_sources import load_config
from common.kube.election import ElectionSettings, LeaderElector, Leadership, NotLeading
from common.kube.errors import (
    AlreadyExists,
    ApiError,
    ConfigError,
    Conflict,
    ConnectionFailed,
    DeadlineExceeded,
    Forbidden,
    Gone,
    Invalid,
    KubeError,
    NotFound,
    PermanentError,
    RetryableError,
    ServerError,
    TooManyRequests,
)
from common.kube.events import EventRecorder, EventSettings
from common.kube.informer import Informer
from common.kube.queue import QueueSettings, WorkQueue, run_workers
from common.kube.settings import ClientSettings, WatchSettings

__all__ = [
    "AlreadyExists", "ApiError", "Backoff", "Client", "ClientSettings", "ClusterConfig", "ConfigError",
    "Conflict", "ConnectionFailed", "DeadlineExceeded", "ElectionSettings", "EventRecorder", "EventSettings",
    "Forbidden", "Gone", "Informer", "Invalid", "KubeError", "LeaderElector", "Leadership", "NotFound",
    "NotLeading", "ObjectList", "PermanentError", "QueueSettings", "RetryableError", "ServerError",
    "TlsConfig", "TooManyRequests", "WatchSettings", "WorkQueue", "apply_if_changed",
    "load_config", "run_workers",
]  # fmt: skip
