"""Which workloads are alike: the same image, the same model, the same GPUs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

_MODEL_FLAGS: Final = ("--model", "--model-path", "--model-id", "--model_id", "--served-model-name")
_SERVE: Final = "serve"
_SEPARATOR: Final = "|"
_LONGEST: Final = 160


class ModelKey(NamedTuple):
    """What watts are learned by.

    Attributes:
        image: Of the container, without its tag: an update draws nearly the same, and starts from there.
        model: As the command line names it; empty where it names none.
        product: GPU type, as the label ``nvidia.com/gpu.product`` says; empty where unknown.
        gpus: How many GPUs one replica holds.
    """

    image: str
    model: str
    product: str
    gpus: int

    def __str__(self) -> str:
        device = f"{self.gpus} x {self.product or 'GPU'}"
        return _SEPARATOR.join((self.image, self.model, device))

    def fits(self, text: str) -> bool:
        """Whether an exported key means the same workload; an unknown GPU type fits any."""
        image, _, rest = text.partition(_SEPARATOR)
        model, _, device = rest.partition(_SEPARATOR)
        count, _, product = device.partition(" x ")
        same = (image, model, count) == (self.image, self.model, str(self.gpus))
        return same and (not self.product or product in (self.product, "GPU"))


def model_key(
    image: str, command: Sequence[str], arguments: Sequence[str], product: str, gpus: int
) -> ModelKey | None:
    """Returns the key of a container; None for one without GPU or image, of which nothing is learned."""
    if not image or gpus < 1:
        return None
    return ModelKey(_short(_without_tag(image)), _short(model_name([*command, *arguments])), product, gpus)


def model_name(words: Sequence[str]) -> str:
    """Returns the model that a command line names, as ``--model X``, ``--model=X`` or ``serve X``."""
    for place, word in enumerate(words):
        flag, equals, value = word.partition("=")
        following = words[place + 1] if place + 1 < len(words) else ""
        if flag in _MODEL_FLAGS and (found := value if equals else following):
            return found
        if word == _SERVE and following and not following.startswith("-"):
            return following
    return ""


def _without_tag(image: str) -> str:
    name = image.partition("@")[0]
    head, colon, tail = name.rpartition(":")
    return head if colon and "/" not in tail else name


def _short(text: str) -> str:
    return text.replace(_SEPARATOR, "_")[-_LONGEST:]
