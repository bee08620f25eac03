"""What no device meters has to be bound by somebody before anything is promised."""

import pytest

from common.service.settings import SettingsError
from nodeagent.discovery import check_settings
from nodeagent.settings import AgentSettings


def complaint(settings):
    """Why the settings are refused; empty where they are not."""
    try:
        check_settings(settings)
    except SettingsError as error:
        return str(error)
    return ""


def test_drivers_of_real_devices_need_a_bound_on_the_rest():
    settings = AgentSettings(node_name="n", devices=("nvml", "cpu"))
    assert "--rest-bound-watts: nvml, cpu" in complaint(settings)


@pytest.mark.parametrize(
    "settings",
    [
        AgentSettings(node_name="n", devices=("nvml",), rest_bound_watts=900),
        AgentSettings(node_name="n", devices=("nvml",), rest_bound_watts=0),
        AgentSettings(node_name="n", devices=("nvml",), probe=True),
        AgentSettings(node_name="n", devices=("nvml",), restore=True),
        AgentSettings(node_name="n", devices=("simulated",)),
    ],
    ids=["bound", "bound of nothing", "only looks", "only restores", "driver knows"],
)
def test_nobody_asks_for_it_where_it_is_known_or_not_needed(settings):
    assert complaint(settings) == ""
