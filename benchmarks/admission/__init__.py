"""The webhook: its server alone (``load``, ``side``), and what it adds to creations (``creates``, ``turns``).

``floor`` is the least that any webhook can add; ``cost`` reads processor time.
"""
