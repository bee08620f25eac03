"""What serving a language model asks of its GPUs: prefill computes, decode reads weights over and over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServedModel:
    """Speeds of one replica at top clocks.

    One decode step takes ``weights_seconds`` (reading all weights: memory-bound) plus, per sequence in the
    batch, ``attention_seconds`` (reading its cache: memory-bound) and ``sequence_seconds`` (compute-bound).
    ``kv_cache_tokens`` and ``max_sequences`` bound the batch as vLLM's ``max_num_seqs`` does.
    """

    name: str
    prefill_tokens_per_second: float
    weights_seconds: float
    attention_seconds: float
    sequence_seconds: float
    kv_cache_tokens: int
    max_sequences: int = 256


BILLIONS_OF_BYTES_PER_SECOND = 3350.0
"""Memory bandwidth of an H100 SXM5 (NVIDIA data sheet)."""
_BANDWIDTH_EFFICIENCY = 0.8
_FLOPS_PER_SECOND = 990e12
_FLOPS_EFFICIENCY = 0.5
_BYTES_PER_PARAMETER = 2.0
_KV_BYTES_PER_TOKEN_AND_BILLION = 16_400.0
_MEMORY_FOR_SERVING = 0.9
_CONTEXT_TOKENS = 800.0


def dense_model(name: str, billions: float, gpus: int, memory_gib: int = 80) -> ServedModel:
    """Returns the speeds of a dense model in 16 bits, split over the GPUs of one replica.

    Roofline estimates: a decode step reads every weight once at 80 % of the memory bandwidth; prefill takes
    two floating-point operations per parameter and token at half of the 990 TFLOP/s of an H100; what memory
    the weights leave (of 90 %) holds the cache.
    """
    bandwidth = BILLIONS_OF_BYTES_PER_SECOND * _BANDWIDTH_EFFICIENCY * gpus
    weights_gb = billions * _BYTES_PER_PARAMETER
    kv_gb_per_token = _KV_BYTES_PER_TOKEN_AND_BILLION * billions / 1e9
    cache_gb = max(4.0, memory_gib * gpus * _MEMORY_FOR_SERVING - weights_gb)
    seconds_per_token = 2.0 * billions * 1e9 / (_FLOPS_PER_SECOND * _FLOPS_EFFICIENCY * gpus)
    return ServedModel(
        name=name,
        prefill_tokens_per_second=1.0 / seconds_per_token,
        weights_seconds=weights_gb / bandwidth,
        attention_seconds=_CONTEXT_TOKENS * kv_gb_per_token / bandwidth,
        sequence_seconds=seconds_per_token,
        kv_cache_tokens=int(cache_gb / kv_gb_per_token),
    )
