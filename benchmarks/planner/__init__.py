"""The Planner on made-up instances (``instances``) and published profiles (``profiles``)."""
