"""What people touch: the command line (``python -m climatik``, ``kubectl climatik``)."""
