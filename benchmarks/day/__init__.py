"""A day of services under a cap.

``pool`` is the physics, ``load`` and ``grid`` are the recordings, ``planned`` and ``autoscaler`` act, and
``replay`` adds up.
"""
