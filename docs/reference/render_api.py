"""Writes the field tables of ``api.md`` from ``crds/``: run it after every change there.

The text around the tables is written by hand; what stands between two markers is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PAGE = Path(__file__).with_name("api.md")
CRDS = Path(__file__).parents[2] / "crds"

Schema = dict[str, Any]


def render(page: str) -> str:
    """Returns the page with every table made anew; fails where a marker names no kind."""
    schemas = {crd["spec"]["names"]["kind"]: _schema(crd) for crd in _crds()}

    def replace(match: re.Match[str]) -> str:
        kind, part = match["kind"], match["part"]
        table = "\n".join(_table(schemas[kind], part))
        return f"<!-- {kind} {part} -->\n\n{table}\n\n<!-- end -->"

    return re.sub(r"<!-- (?P<kind>\w+) (?P<part>spec|status) -->.*?<!-- end -->", replace, page, flags=re.S)


def _crds() -> Iterator[Schema]:
    for file in sorted(CRDS.glob("*.yaml")):
        yield yaml.safe_load(file.read_text())


def _schema(crd: Schema) -> Schema:
    schema: Schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def _table(root: Schema, part: str) -> Iterator[str]:
    yield "| field | type | what it says |"
    yield "| --- | --- | --- |"
    yield from _rows(root["properties"][part], "")
    rules = list(_rules(root["properties"][part]))
    if part == "spec":
        rules = [rule["message"] for rule in root.get("x-kubernetes-validations", [])] + rules
    if rules:
        yield "\nRefused, with these words:\n"
        yield from (f"- {message}" for message in dict.fromkeys(rules))


def _rows(schema: Schema, prefix: str) -> Iterator[str]:
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        text = " ".join([field["description"], *_limits(field)])
        title = f"**`{path}`**" if name in required else f"`{path}`"
        yield f"| {title} | {_type(field)} | {text.replace('|', chr(92) + '|')} |"
        if path.endswith("conditions"):
            continue  # the standard shape, explained once
        yield from _rows(field, f"{path}.")
        yield from _rows(field.get("items", {}), f"{path}[].")


def _type(schema: Schema) -> str:
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if schema["type"] == "array":
        keys = schema.get("x-kubernetes-list-map-keys")
        inner = "object" if schema["items"].get("properties") else _type(schema["items"])
        return f"list of {inner}" + (f", by {', '.join(keys)}" if keys else "")
    if "additionalProperties" in schema:
        whole = schema["additionalProperties"].get("x-kubernetes-int-or-string")
        return f"map of text to {'text or whole number' if whole else 'text'}"
    if schema.get("format") == "date-time":
        return "time"
    words = {"integer": "whole number", "string": "text", "boolean": "true or false", "number": "number"}
    return words.get(schema["type"], "object")


def _limits(schema: Schema) -> Iterator[str]:
    if "default" in schema and not isinstance(schema["default"], dict):
        default = schema["default"]
        yield f"Default: `{str(default).lower() if isinstance(default, bool) else default}`."
    if "minimum" in schema and "maximum" in schema:
        opening = "over " if schema.get("exclusiveMinimum") else ""
        yield f"Range: {opening}{schema['minimum']} to {schema['maximum']}."
    if "maxItems" in schema:
        yield f"At most {schema['maxItems']}."


def _rules(schema: Schema) -> Iterator[str]:
    yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", []))
    for part in schema.get("properties", {}).values():
        yield from _rules(part)
    if "items" in schema:
        yield from _rules(schema["items"])


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text()))
