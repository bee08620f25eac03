"""The reference page of settings is what the tables say."""

from pathlib import Path

from climatik.docs.settings import render_page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


def test_page_and_tables_agree():
    assert PAGE.read_text() == render_page(), (
        "the settings tables have changed: python -m climatik docs settings > docs/reference/settings.md"
    )


def test_settings_that_all_share_stand_on_the_page_once():
    assert render_page().count("`--log-level`") == 1


def test_every_program_is_on_the_page():
    for program in ("recommender", "actuator", "admission", "nodeagent"):
        assert f"## `python -m {program}`" in render_page()
