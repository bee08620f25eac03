"""A KServe LLMInferenceService: main and prefill workload, each with a count or with bounds, never both.

Its controller makes the scalers anew, annotations included, whenever they differ from what it wants
(semanticScaledObjectIsEqual in pkg/controller/v1alpha2/llmisvc/scaling.go): so everything is written and
remembered here, at the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actuator.scaling.fields import read_field
from actuator.scaling.handles.handle import Fields, Place
from actuator.scaling.handles.replicas import count_of, lowered
from common.api.kserve import LLM_INFERENCE_SERVICES

PREFILL = "spec.prefill"
"""Field path of the part that is not the main workload."""


class LLMInferenceServiceHandle:
    """One field for each part: ``scaling.maxReplicas`` where there is ``scaling``, else ``replicas``."""

    resource = LLM_INFERENCE_SERVICES
    place = Place.OBJECT
    each = False

    def parts(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the main workload and, where there is one, the prefill workload."""
        return ("", PREFILL) if _spec(body, PREFILL) is not None else ("",)

    def pointers(self, body: Mapping[str, Any], part: str) -> tuple[str, ...]:
        """Returns the one field that bounds a part."""
        if (spec := _spec(body, part)) is None:
            return ()
        return (f"{_root(part)}/scaling/maxReplicas" if "scaling" in spec else f"{_root(part)}/replicas",)

    def most(self, body: Mapping[str, Any], part: str, fields: Fields) -> int:
        """Returns the maximum, or the count."""
        (pointer,) = self.pointers(body, part)
        least = self.least(body, part) if pointer.endswith("/maxReplicas") else 1
        return count_of(fields[pointer], least)

    def least(self, body: Mapping[str, Any], part: str) -> int:
        """Returns ``scaling.minReplicas``; 0 where there is only a count."""
        if "scaling" not in (_spec(body, part) or {}):
            return 0
        return max(1, count_of(read_field(body, f"{_root(part)}/scaling/minReplicas"), 1))

    def bounded(self, body: Mapping[str, Any], part: str, original: Fields, ceiling: int) -> Fields:
        """Returns the lower of original and ceiling."""
        least = self.least(body, part)
        return {
            pointer: lowered(value, max(ceiling, least), absent=max(1, least))
            for pointer, value in original.items()
        }


def _root(part: str) -> str:
    return "/" + (part or "spec").replace(".", "/")


def _spec(body: Mapping[str, Any], part: str) -> Mapping[str, Any] | None:
    spec: Mapping[str, Any] = body.get("spec", {})
    return spec.get("prefill") if part == PREFILL else spec


LLM_INFERENCE_SERVICE = LLMInferenceServiceHandle()
