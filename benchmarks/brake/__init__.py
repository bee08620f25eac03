"""One write until the last of many agents (``agents``) has obeyed it."""
