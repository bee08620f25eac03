"""What a configuration is, and what is measured of one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """A GPU by its data sheet: board power (W), memory bandwidth (byte/s), dense 16-bit FLOP/s."""

    board_watts: float
    bytes_per_second: float
    flops: float


CARDS = {
    "v100-32gb": Card(300.0, 0.9e12, 125e12),
    "a100-40gb": Card(400.0, 1.555e12, 312e12),
    "a100-80gb": Card(400.0, 2.039e12, 312e12),
    "h100-80gb": Card(700.0, 3.35e12, 989e12),
    "h200-141gb": Card(700.0, 4.8e12, 989e12),
}
"""SXM boards, from the vendor's data sheets."""


@dataclass(frozen=True)
class Configuration:
    """A way to serve: a dense model in 16 bits on some cards, and the requests it gets.

    Attributes:
        parameters: Of the model, absolute.
        card: The GPU.
        gpus: Over which one replica is split (tensor parallel).
        batch: Requests at once.
        prompt_tokens: Of one request.
        output_tokens: Of one request.
    """

    parameters: float
    card: Card
    gpus: int
    batch: int
    prompt_tokens: int
    output_tokens: int

    @property
    def weights_seconds(self) -> float:
        """Time to read all weights once at full bandwidth: the least time of a decode step."""
        return 2.0 * self.parameters / (self.gpus * self.card.bytes_per_second)

    @property
    def token_flop_seconds(self) -> float:
        """Time for one token's arithmetic at full speed (two operations per parameter)."""
        return 2.0 * self.parameters / (self.gpus * self.card.flops)


@dataclass(frozen=True)
class Measurement:
    """What was measured of a configuration.

    Attributes:
        configuration: Of what.
        prompt_seconds: To the first token.
        token_seconds: Between tokens.
        power_share: Mean draw of a GPU as a share of board power; None where it was not recorded.
    """

    configuration: Configuration
    prompt_seconds: float
    token_seconds: float
    power_share: float | None
