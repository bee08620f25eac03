"""A client of the original design, with nothing but the stubs generated from its proto."""

import json
import sys

import grpc
import original_pb2
import original_pb2_grpc


def main(address, cap, namespace, *names):
    wanted = [original_pb2.Deployment(name=name, namespace=namespace) for name in names]
    request = original_pb2.CalculateOptimalReplicasRequest(deployments=wanted, powerCap=float(cap))
    with grpc.insecure_channel(address) as channel:
        try:
            response = original_pb2_grpc.PlannerStub(channel).CalculateOptimalReplicas(request, timeout=20)
        except grpc.RpcError as error:
            sys.stdout.write(json.dumps({"code": error.code().name, "text": error.details()}))
            return
    sys.stdout.write(json.dumps({row.name: row.optimalReplicas for row in response.deploymentReplicas}))


main(*sys.argv[1:])
