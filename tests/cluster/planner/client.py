"""A client of the original design: knows nothing but stubs generated from its proto. ADDRESS CAP NAMESPACE NAME…"""

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
            print(json.dumps({"code": error.code().name, "text": error.details()}))
            return
    print(json.dumps({row.name: row.optimalReplicas for row in response.deploymentReplicas}))


main(*sys.argv[1:])
