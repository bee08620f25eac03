"""A second, tiny process that can do one thing: lower the devices to base when the agent cannot any more.

It imports neither asyncio nor HTTP nor a JSON library of its own: what it needs must stay small enough to be
always there.
"""
