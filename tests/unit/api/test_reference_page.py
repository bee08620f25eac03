"""The reference page says what the schemas say."""

import importlib.util
from pathlib import Path
from types import ModuleType

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


def load_renderer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render_api", REFERENCE / "render_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_was_rendered_after_the_last_change_of_the_schemas() -> None:
    page = (REFERENCE / "api.md").read_text()
    assert load_renderer().render(page) == page, "run python docs/reference/render_api.py"


def test_page_has_a_table_for_every_kind() -> None:
    page = (REFERENCE / "api.md").read_text()
    for kind in ("PowerCappingPolicy", "PowerDomain", "NodeFrequencies", "PowerPlan"):
        for part in ("spec", "status"):
            assert f"<!-- {kind} {part} -->" in page
