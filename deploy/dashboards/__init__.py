"""Dashboards for Grafana: a table of panels, and the JSON made from it."""
