"""Watts and latency of ways to serve a language model, predicted from those that were seen.

``ServingModel`` predicts whole configurations (model size, card, GPUs, batch, lengths) from measured ones.
``ReplicaModel`` is learnt from one running service: what its replicas would do at another load or clock.
"""

from common.models.serving.configuration import CARDS, Card, Configuration, Measurement
from common.models.serving.learn import ReplicaSamples, learn_replica
from common.models.serving.model import Prediction, ServingModel
from common.models.serving.replica import ReplicaModel

__all__ = [
    "CARDS", "Card", "Configuration", "Measurement", "Prediction", "ReplicaModel", "ReplicaSamples",
    "ServingModel", "learn_replica",
]  # fmt: skip
