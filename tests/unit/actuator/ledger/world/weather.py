"""How often each kind of step comes: fair, and with people who interfere in one way each."""

from __future__ import annotations

from collections.abc import Mapping

FAIR: Mapping[str, float] = {
    "act": 12, "advance_cache": 12, "land": 12, "answer": 8, "agent_step": 28, "start_agents": 0.5,
    "give_up": 0.7, "crash": 0.7, "new_targets": 0.7, "take_over": 0.7, "delete_object": 0.3,
    "change_cap": 0.05, "reboot": 0.05, "move": 0.05,
}  # fmt: skip
"""How often each kind of step comes."""
NODES_GONE: Mapping[str, float] = {
    **FAIR, "reboot": 0, "move": 0.03, "remove_node": 0.25, "return_node": 0.3,
}  # fmt: skip
BY_HAND: Mapping[str, float] = {**FAIR, "reboot": 0, "force_delete": 0.3}
EMPTY_DISKS: Mapping[str, float] = {**FAIR, "reboot": 0, "reinstall": 0.5}
RESTORES: Mapping[str, float] = {
    **FAIR, "reboot": 0, "move": 0, "new_targets": 2, "take_snapshot": 0.15, "restore": 0.1,
}  # fmt: skip
MODES: Mapping[str, float] = {**FAIR, "reboot": 0, "move": 0, "change_mode": 0.15}
CUTS: Mapping[str, float] = {
    **FAIR, "reboot": 0, "move": 0, "delete_object": 0, "change_cap": 0.4, "new_targets": 1.5,
}  # fmt: skip
"""Where nothing but caps changes from outside, so that what is drawn can be checked too."""
