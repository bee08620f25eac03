"""The node agent when its grant is cut (``grants``) on a loaded node (``node``), and its own ``cost``."""
