"""What is measured, and how: ``python -m benchmarks --list``.

A new benchmark is one new module here that defines ``BENCHMARK``.
"""
