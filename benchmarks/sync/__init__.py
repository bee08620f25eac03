"""First sync of many pods (``pods``), each client in a process of its own (``side``)."""
