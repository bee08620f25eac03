"""The Planner's messages: ``planner_pb2`` is generated from ``planner.proto``.

In this folder: ``python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. planner.proto``.
"""
