"""Each way to a Prometheus can be set: address with credentials, an object of the operator's making, none."""

import sys
from contextlib import AsyncExitStack
from types import ModuleType

import pytest

from common.service.options import SettingsError
from common.telemetry.prometheus import Prometheus
from recommender.config import RecommenderSettings
from recommender.input.connect import make_connect, open_prometheus


class Connect:
    """What prometheus-api-client's PrometheusConnect looks like to us."""

    def custom_query(self, query, params=None):
        return [{"metric": {"asked": query}, "value": [1.0, "5"]}]

    def custom_query_range(self, query, start_time, end_time, step, params=None):
        return []


@pytest.fixture
def operators(monkeypatch):
    module = ModuleType("operators_login")
    module.make, module.useless, module.failing = Connect, object, lambda: 1 / 0
    monkeypatch.setitem(sys.modules, "operators_login", module)
    return "operators_login"


async def opened(**settings):
    async with AsyncExitStack() as stack:
        return await open_prometheus(RecommenderSettings(**settings), stack)


async def test_without_any_setting_there_is_none():
    assert await opened() is None


async def test_credentials_reach_the_client():
    made = await opened(
        prometheus_url="https://p", prometheus_token_file="/t", prometheus_ca_file="/ca",
        prometheus_client_cert_file="/c", prometheus_client_key_file="/k",
    )  # fmt: skip
    assert isinstance(made, Prometheus)
    held = made._settings
    assert (held.token_file, held.ca_file, held.client_cert_file, held.client_key_file) == (
        "/t",
        "/ca",
        "/c",
        "/k",
    )


async def test_an_object_of_the_operators_making_is_asked(operators):
    made = await opened(prometheus_connect=f"{operators}:make")
    answer = await made.query("up")
    assert (answer.labels, answer.values.tolist()) == ([{"asked": "up"}], [5.0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("operators_login", "is not module:function"),
        ("operators_login:absent", "cannot be used"),
        ("no_such_module:make", "cannot be used"),
        ("operators_login:failing", "ZeroDivisionError"),
        ("operators_login:useless", "has no custom_query"),
    ],
)
@pytest.mark.usefixtures("operators")
def test_what_cannot_be_used_names_the_flag(name, said):
    with pytest.raises(SettingsError, match="--prometheus-connect: ") as error:
        make_connect(name)
    assert said in str(error.value)
