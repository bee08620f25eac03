"""What the repository shows, applies: under strict validation, on the real API server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.cluster import LocalCluster

REPOSITORY = Path(__file__).parents[3]
EXAMPLES = REPOSITORY / "deploy" / "examples"
FILES = sorted(EXAMPLES.rglob("*.yaml"))


def documented() -> Iterator[tuple[str, str]]:
    """Whole objects of ours in the YAML blocks of README and docs, with the page they are on."""
    for page in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]:
        for number, block in enumerate(
            re.findall(r"```yaml\n(.*?)```", page.read_text(), flags=re.S), start=1
        ):
            if block.startswith("apiVersion: climatik.io/"):
                yield f"{page.relative_to(REPOSITORY)} {number}", block


@pytest.fixture(scope="module")
def example_namespace(cluster: LocalCluster) -> str:
    """The namespace of the examples: dry runs need it to exist."""
    cluster.kubectl("apply", "--server-side", "-f", str(EXAMPLES / "namespace.yaml"))
    return "llm"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(EXAMPLES)))
@pytest.mark.usefixtures("example_namespace")
def test_example_applies_under_strict_validation(cluster: LocalCluster, file: Path) -> None:
    said = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", str(file))
    assert "(server dry run)" in said


@pytest.mark.parametrize("block", [pytest.param(text, id=where) for where, text in documented()])
@pytest.mark.usefixtures("example_namespace")
def test_object_in_the_documentation_applies(cluster: LocalCluster, block: str) -> None:
    said = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-", input=block)
    assert "(server dry run)" in said


def test_the_origin_s_examples_are_all_there() -> None:
    texts = [file.read_text() for file in (EXAMPLES / "origin").glob("*.yaml")]
    origin = [
        "powerCapLimit: 1000",
        "cappingThreshold: 90",
        "name: dynamic-frequency-scaler",
        'scaling-factor: "0.8"',
        'min-frequency: "300"',
        "targetRatio: 0.8",
        "tolerancePercentage: 10",
        "rackId: rack-1",
        "maxPower: 5000",
        "maxTemperature: 30",
        "cpuId: 0",
        "targetFrequency: 2400",
    ]
    for piece in origin:
        assert any(piece in text for text in texts), piece
