"""Watts and latency of ways to serve a language model, predicted from those that were seen.

``ServingModel`` predicts whole configurations (model size, card, GPUs, batch, lengths) from measured ones.
``ReplicaModel`` learns one running service, and says what its replicas would do at another load or watt limit.
"""

from common.models.serving.configuration import CARDS, Card, Configuration, Measurement
from common.models.serving.model import Prediction, ServingModel

__all__ = [
    "CARDS", "Card", "Configuration", "Measurement", "Prediction",
    "ServingModel",
]  # fmt: skip
