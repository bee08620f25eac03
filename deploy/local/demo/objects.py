"""What the demo applies, and the figures in it that its parts, the e2e tests and the benchmarks share."""

from pathlib import Path
from typing import Final

_REPOSITORY = Path(__file__).resolve().parents[3]

POWER_OBJECTS: Final = Path(__file__).with_name("objects.yaml")
EXAMPLE_NAMESPACE: Final = _REPOSITORY / "deploy" / "examples" / "namespace.yaml"
EXAMPLE_SERVICES: Final = _REPOSITORY / "deploy" / "examples" / "vllm.yaml"

NAMESPACE: Final = "llm"
POLICY: Final = "chat"
DOMAIN: Final = "cluster"
REPLICAS: Final = {"vllm-chat": 4, "vllm-code": 4}

CAP_WATTS: Final = 11_500
"""As in ``objects.yaml``: under what the fleet draws in the burst of the trace."""
CAP_WATTS_AFTER_CUT: Final = 9_800
"""Between the lowest cap that the domain may be cut to (9,200 W) and its cap."""
