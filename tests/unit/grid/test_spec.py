"""A line of a setting names a source, and a mistake in it is told with the remedy."""

import pytest

from common.grid.http import Http
from common.grid.series import Signal
from common.grid.spec import SourceContext, parse_source

CONTEXT = SourceContext(Http(), cluster=object(), queries=object())
CARBON, PRICE = Signal.CARBON_INTENSITY, Signal.PRICE


@pytest.mark.parametrize(
    ("text", "signal", "name"),
    [
        ("csv path=/etc/prices.csv unit=EUR/MWh", PRICE, "file prices.csv"),
        ("csv path=/etc/carbon.csv column=lca", CARBON, "file carbon.csv"),
        ("config-map", CARBON, "ConfigMap kube-system/carbon-intensity"),
        ("carbon-aware-sdk url=http://sdk:8080 location=eastus", CARBON, "carbon-aware-sdk eastus"),
        ("electricity-maps zone=DE token-variable=T", CARBON, "electricity-maps DE"),
        ("watttime region=CAISO_NORTH user-file=/u password-file=/p", CARBON, "watttime CAISO_NORTH"),
        ("price-json url=http://x/price?a=b query.bzn=DE-LU zone=DE-LU", PRICE, "price-json DE-LU"),
        ("entso-e domain=10YNL token-file=/t", PRICE, "entso-e 10YNL"),
        ("prometheus expression=sum(grid_price{zone=\"DE\"}) unit=EUR/MWh", PRICE, None),
    ],
)  # fmt: skip
def test_each_kind_is_built(text, signal, name):
    source = parse_source(text, signal, CONTEXT)
    assert source.signal is signal
    assert name is None or source.name == name


@pytest.mark.parametrize(
    ("text", "signal", "match"),
    [
        ("carrier-pigeon", CARBON, "unknown kind .* known are carbon-aware-sdk, config-map"),
        ("electricity-maps zone=DE", CARBON, "token-variable=… or token-file=…"),
        ("electricity-maps token-file=/t", CARBON, "lacks zone"),
        ("csv path=/a unit=EUR/MWh colour=red", PRICE, "does not know colour"),
        ("csv path=/a", PRICE, "lacks unit"),
        ("csv /a", PRICE, "'/a' where key=value"),
        ("config-map", PRICE, "tells carbonIntensity, not price"),
    ],
)
def test_mistakes_are_told(text, signal, match):
    with pytest.raises(ValueError, match=match):
        parse_source(text, signal, CONTEXT)


@pytest.mark.parametrize(
    ("text", "signal"), [("config-map", CARBON), ("prometheus expression=x unit=EUR/MWh", PRICE)]
)
def test_what_needs_a_cluster_or_a_prometheus_says_so(text, signal):
    with pytest.raises(ValueError, match="needs a"):
        parse_source(text, signal, SourceContext(Http()))


def test_a_source_never_shows_its_credentials(monkeypatch):
    monkeypatch.setenv("T", "hush-hush")
    source = parse_source("electricity-maps zone=DE token-variable=T", CARBON, CONTEXT)
    assert "hush-hush" not in repr(source)
