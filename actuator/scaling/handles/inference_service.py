"""A KServe InferenceService: its predictor's ``maxReplicas`` is lowered; KServe hands it on to its scaler.

KServe copies the annotations of an InferenceService to the pod template of its Deployment
(buildPredictorResources in pkg/controller/v1beta1/inferenceservice/components/predictor.go keeps all but a
configured few). A note on the object would so restart every replica; it is kept on the policy instead.
"""

from actuator.scaling.handles.handle import Place
from actuator.scaling.handles.maximum import MaximumHandle
from common.api.kserve import INFERENCE_SERVICES

INFERENCE_SERVICE = MaximumHandle(
    INFERENCE_SERVICES,
    maximum="/spec/predictor/maxReplicas",
    minimum="/spec/predictor/minReplicas",
    place=Place.POLICY,
    each=True,  # stable and canary have a scaler each
)
