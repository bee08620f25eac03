"""`python -m deploy.dashboards.render`: write the dashboards as the JSON that Grafana imports."""

import json
import sys
from pathlib import Path
from typing import Any

from deploy.dashboards.panels import DASHBOARDS, Dashboard, Panel

FOLDER = Path(__file__).parent
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS = 2
_WIDTH, _HEIGHT = 24 // _COLUMNS, 8
_SCHEMA_VERSION = 39
"""Of Grafana 11; later ones migrate it as they load it."""


def render(dashboard: Dashboard) -> str:
    """Returns the JSON of a dashboard."""
    body = {
        "uid": dashboard.identity,
        "title": dashboard.title,
        "tags": ["climatik", "power"],
        "schemaVersion": _SCHEMA_VERSION,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_data_source(), *(_variable(*each) for each in dashboard.variables)]},
        "panels": [_panel(number, panel) for number, panel in enumerate(dashboard.panels)],
    }
    return json.dumps(body, indent=2) + "\n"


def path_of(dashboard: Dashboard) -> Path:
    """Returns where the dashboard's JSON lies."""
    return FOLDER / f"{dashboard.identity}.json"


def main() -> int:
    """Write all of them and say where; returns the exit status."""
    for dashboard in DASHBOARDS:
        path_of(dashboard).write_text(render(dashboard), encoding="utf-8")
        print(path_of(dashboard).relative_to(FOLDER.parents[1]))
    return 0


def _data_source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _variable(name: str, query: str) -> dict[str, Any]:
    everything = {"text": "All", "value": "$__all"}
    return {
        "name": name,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": everything,
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, _COLUMNS)
    stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
    custom = {"lineWidth": 1, "fillOpacity": 30 if panel.stacked else 0, "stacking": stacking}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": _SOURCE,
                "expr": line.query,
                "legendFormat": line.legend,
            }
            for index, line in enumerate(panel.lines)
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
