"""Where the cluster is found, and what a bad kubeconfig is told."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.kube import ConfigError, load_config
from common.kube.config_sources import in_cluster_config


def _write(path: Path, user: dict[str, Any], cluster: dict[str, Any] | None = None, **extra: Any) -> Path:
    document = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "ns"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://one:6443", **(cluster or {})}}],
        "users": [{"name": "u", "user": user}],
        **extra,
    }
    path.write_text(yaml.safe_dump(document))
    return path


def test_client_certificate_files_are_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    user = {"client-certificate": "pki/me.crt", "client-key": "pki/me.key"}
    config = load_config(str(_write(tmp_path / "config", user, {"certificate-authority": "pki/ca.crt"})))
    assert config.server == "https://one:6443"
    assert config.namespace == "ns"
    assert config.tls.cert_file == str(tmp_path / "pki/me.crt")
    assert config.tls.ca_file == str(tmp_path / "pki/ca.crt")


def test_inline_data_token_and_token_file(tmp_path: Path) -> None:
    inline = base64.b64encode(b"PEM").decode()
    config = load_config(str(_write(tmp_path / "a", {"token": "t"}, {"certificate-authority-data": inline})))
    assert (config.token, config.tls.ca_data) == ("t", "PEM")
    assert "token='t'" not in repr(config)
    config = load_config(str(_write(tmp_path / "b", {"tokenFile": "token"})))
    assert config.token_file == str(tmp_path / "token")


def test_files_of_the_environment_are_merged_and_the_first_one_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first"
    first.write_text(
        yaml.safe_dump({"current-context": "here", "users": [{"name": "u", "user": {"token": "first"}}]})
    )
    second = _write(tmp_path / "second", {"token": "second"})
    monkeypatch.setenv("KUBECONFIG", f"{first}:{second}:{tmp_path / 'missing'}")
    assert load_config().token == "first"


def test_exec_log_in_goes_through_the_official_library_and_writes_nothing(tmp_path: Path) -> None:
    helper = tmp_path / "helper"
    credential = (
        '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"fresh"}}'
    )
    helper.write_text(f"#!/bin/sh\necho '{credential}'\n")
    helper.chmod(0o700)
    login = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(helper),
        "interactiveMode": "Never",
    }
    path = _write(tmp_path / "config", {"exec": login})
    before = path.read_bytes()
    config = load_config(str(path))
    assert config.token_source is not None
    assert config.token_source() == "fresh"
    assert path.read_bytes() == before


BAD = {
    "no current context": ({"current-context": ""}, "--context"),
    "unknown cluster": ({"clusters": []}, "clusters"),
    "no server": ({"clusters": [{"name": "c", "cluster": {}}]}, "server"),
    "password": ({"users": [{"name": "u", "user": {"username": "x", "password": "y"}}]}, "password"),
    "impersonation": ({"users": [{"name": "u", "user": {"token": "t", "as": "root"}}]}, "as"),
    "data that is not base64": (
        {"users": [{"name": "u", "user": {"client-certificate-data": "***"}}]},
        "client-certificate-data",
    ),
}


@pytest.mark.parametrize(("change", "named"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_named(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load_config(str(_write(tmp_path / "config", {"token": "t"}, **change)))


@pytest.mark.parametrize("text", ["just text", "a: [", ""])
def test_a_file_that_is_no_kubeconfig_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ConfigError, match=str(path)):
        load_config(str(path))


def test_an_empty_file_beside_another_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    monkeypatch.setenv("KUBECONFIG", f"{empty}:{_write(tmp_path / 'config', {'token': 't'})}")
    assert load_config().token == "t"


@pytest.mark.parametrize("section", [["here"], {"name": "here"}, "here"], ids=["names", "mapping", "text"])
def test_a_section_of_another_form_is_named(tmp_path: Path, section: Any) -> None:
    with pytest.raises(ConfigError, match="contexts"):
        load_config(str(_write(tmp_path / "config", {"token": "t"}, contexts=section)))


def test_a_pod_finds_its_service_account(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("climatik-project\n")
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"}
    config = in_cluster_config(environ, tmp_path)
    assert config.server == "https://[fd00::1]:6443"
    assert config.namespace == "climatik-project"
    assert config.token_file == str(tmp_path / "token")
    assert config.tls.ca_file == str(tmp_path / "ca.crt")
    with pytest.raises(ConfigError, match="automountServiceAccountToken"):
        in_cluster_config(environ, tmp_path / "nowhere")
