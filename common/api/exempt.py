"""Pods that are left as they are, whatever policies say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from common.api.names import ANNOTATION_OPT_OUT

_MIRROR: Final = "kubernetes.io/config.mirror"


def is_opted_out(annotations: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether the user wants the pod left alone, which a label says as well as an annotation."""
    return "true" in (annotations.get(ANNOTATION_OPT_OUT), labels.get(ANNOTATION_OPT_OUT))


def is_mirror(annotations: Mapping[str, str]) -> bool:
    """Whether the pod mirrors one that a kubelet runs by itself, so that nothing in it can be changed."""
    return _MIRROR in annotations
