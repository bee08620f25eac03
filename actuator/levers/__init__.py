"""The levers: one file for each way to free watts."""
