"""What is measured, and how: ``python -m benchmarks --list``.

A new benchmark is one new module here that defines ``BENCHMARK``; one of several files is a package of its
own, whose module ``benchmark`` defines it.
"""
