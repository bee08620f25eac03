"""Kubeconfig files: reading, merging, and log-in helpers. Nothing is ever written."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from common.kube.config import ClusterConfig, TlsConfig
from common.kube.errors import ConfigError

_UNSUPPORTED_USER_KEYS = ("as", "as-uid", "as-groups", "as-user-extra", "username", "password")

Entry = Mapping[str, Any]


class Kubeconfig:
    """Kubeconfig files merged as kubectl does: the first file that names a thing wins."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = [path for path in paths if path.exists()]
        if not self.paths:
            names = ", ".join(str(path) for path in paths)
            raise ConfigError(f"no kubeconfig at {names}: pass --kubeconfig or set KUBECONFIG")
        self._documents = [(path, _read(path)) for path in self.paths]

    def context_name(self, wanted: str) -> str:
        """Returns the wanted context's name, or the current one."""
        current = (document.get("current-context", "") for _, document in self._documents)
        name = wanted or next((name for name in current if name), "")
        if not name:
            raise ConfigError(f"{self.paths[0]} sets no current-context: name one with --context")
        return name

    def entry(self, section: str, name: str) -> tuple[Entry, Path]:
        """Returns the body of a named cluster, user or context, and the folder its paths are relative to."""
        items = list(self._items(section))
        for path, item in items:
            if item.get("name") == name:
                return item.get(section.removesuffix("s")) or {}, path.parent
        known = [item.get("name") for _, item in items]
        raise ConfigError(f"{self.paths[0]}: no entry {name!r} under {section}; there are {known}")

    def _items(self, section: str) -> Iterator[tuple[Path, Entry]]:
        for path, document in self._documents:
            items = document.get(section) or []
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise ConfigError(f"{path}: {section} is no list of named entries: is it the right file?")
            yield from ((path, item) for item in items)


def load_kubeconfig(paths: Sequence[Path], context: str = "") -> ClusterConfig:
    """Reads the cluster and user of a context.

    Raises:
        ConfigError: A file, context, cluster or user is missing, or asks for what we do not support.
    """
    kubeconfig = Kubeconfig(paths)
    context_name = kubeconfig.context_name(context)
    chosen, _ = kubeconfig.entry("contexts", context_name)
    cluster, cluster_dir = kubeconfig.entry("clusters", chosen.get("cluster", ""))
    user, user_dir = kubeconfig.entry("users", chosen["user"]) if chosen.get("user") else ({}, Path())
    if not cluster.get("server"):
        raise ConfigError(f"cluster {chosen.get('cluster')!r} in {kubeconfig.paths[0]} has no server")
    return ClusterConfig(
        server=cluster["server"],
        namespace=chosen.get("namespace") or "default",
        tls=_tls(cluster, cluster_dir, user, user_dir),
        proxy_url=cluster.get("proxy-url", ""),
        **_identity(kubeconfig, context_name, user, user_dir),
    )


def _identity(kubeconfig: Kubeconfig, context: str, user: Entry, folder: Path) -> dict[str, Any]:
    unsupported = [key for key in _UNSUPPORTED_USER_KEYS if user.get(key)]
    if unsupported:
        raise ConfigError(f"the user of {context!r} has {unsupported}: use a certificate, token or exec")
    if user.get("exec") or user.get("auth-provider"):
        return {"token_source": helper_token_source(kubeconfig.paths, context)}
    if user.get("tokenFile"):
        return {"token_file": _path(folder, user["tokenFile"])}
    return {"token": user.get("token", "")}


def _tls(cluster: Entry, cluster_dir: Path, user: Entry, user_dir: Path) -> TlsConfig:
    return TlsConfig(
        ca_file=_path(cluster_dir, cluster.get("certificate-authority", "")),
        ca_data=_inline(cluster, "certificate-authority-data"),
        cert_file=_path(user_dir, user.get("client-certificate", "")),
        cert_data=_inline(user, "client-certificate-data"),
        key_file=_path(user_dir, user.get("client-key", "")),
        key_data=_inline(user, "client-key-data"),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        server_name=cluster.get("tls-server-name", ""),
    )


def helper_token_source(paths: Sequence[Path], context: str) -> Callable[[], str]:
    """Returns a function that logs in by exec plug-in or OIDC, by means of the official library.

    The library is imported at the first call, since it costs half a second and 40 MiB. It is told not to
    persist refreshed tokens: the user's file is only read.
    """

    def fetch() -> str:
        try:
            official = importlib.import_module("kubernetes")
        except ImportError as error:
            raise ConfigError("exec and OIDC log-in need: pip install 'climatik[control-plane]'") from error
        configuration = official.client.Configuration()
        official.config.load_kube_config(
            config_file=":".join(str(path) for path in paths),
            context=context,
            client_configuration=configuration,
            persist_config=False,
        )
        header: str = configuration.api_key.get("BearerToken", "")
        if not header:
            raise ConfigError(f"the log-in helper of context {context!r} gave no token: try kubectl with it")
        return header.removeprefix("Bearer ")

    return fetch


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
        document = yaml.safe_load(text) if text.strip() else {}
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"kubeconfig {path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"kubeconfig {path} is not a mapping: is it the right file?")
    return document


def _path(folder: Path, path: str) -> str:
    return str(folder / path) if path else ""


def _inline(entry: Entry, key: str) -> str:
    data = entry.get(key, "")
    try:
        return base64.b64decode(data, validate=True).decode() if data else ""
    except ValueError as error:
        raise ConfigError(f"{key} in the kubeconfig is not base64: {error}") from error
