"""``summary.json``: the figures of a run, from the record of true draw and the course of the scenario."""

from __future__ import annotations

from pathlib import Path

from deploy.local.demo.objects import CAP_WATTS, CAP_WATTS_AFTER_CUT
from deploy.local.demo.physics import judge
from deploy.local.demo.record import read_slices
from deploy.local.demo.scenario import Course

Summary = dict[str, float | int | str]


def summarise(course: Course, records: Path, nodes: int, api_server_version: str) -> Summary:
    """Returns the figures of a run.

    ``watt_seconds_over_cap`` leaves out the two seconds after the cut, which are counted in
    ``watt_seconds_over_cap_within_2s_of_cut``. ``devices_restored`` counts devices all of whose settings
    are as they were found; it equals ``devices`` when the hardware was given back in full.
    """
    verdict = judge(read_slices(records), course.caps, course.ready, course.caps_ended)
    changed = {(difference.node, difference.device) for difference in course.not_restored}
    return {
        "cap_watts": CAP_WATTS,
        "cap_watts_after_cut": CAP_WATTS_AFTER_CUT,
        "peak_watts": verdict.peak_watts,
        "watt_seconds_over_cap": verdict.watt_seconds_over_cap,
        "watt_seconds_over_cap_within_2s_of_cut": verdict.watt_seconds_over_cap_in_grace,
        "seconds_judged": verdict.seconds_judged,
        "cap_cut_to_applied_seconds": course.cap_cut_to_applied_seconds,
        "pods_running": course.pods_running,
        "pods_mutated": course.pods_mutated,
        "nodes": nodes,
        "devices": course.devices,
        "devices_restored": course.devices - len(changed),
        "api_server_version": api_server_version,
    }


def failures(summary: Summary) -> list[str]:
    """Returns, in words, what the run did not achieve; nothing where all is well."""
    wrong = []
    if summary["watt_seconds_over_cap"]:
        wrong.append(f"the cap was exceeded by {summary['watt_seconds_over_cap']} watt-seconds")
    if summary.get("devices_restored", summary["devices"]) != summary["devices"]:
        wrong.append(
            f"{summary['devices_restored']} of {summary['devices']} devices were given back as found"
        )
    if not summary["pods_mutated"]:
        wrong.append("no pod was mutated by the webhook")
    return wrong
