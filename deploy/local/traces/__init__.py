"""The load trace of the demo and the script that makes it."""
