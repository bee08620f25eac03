"""Devices that have a watt limit or a clock ceiling, behind one small interface."""
