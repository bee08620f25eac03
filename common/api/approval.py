"""An approval from a chat: levers that a policy may use for a while, noted on the policy itself."""

from __future__ import annotations

from datetime import datetime

import msgspec

from common.api.meta import Struct, has_come
from common.api.names import ANNOTATION_APPROVAL
from common.api.policy import MODE_OFF, PowerCappingPolicy


class Approval(Struct, frozen=True, omit_defaults=False):
    """What was switched on, and what is to be put back.

    Attributes:
        by: Who approved it, as the chat names the person.
        until: When it ends (RFC 3339).
        levers: Levers that were added.
        mode_before: ``updateMode`` before it.
    """

    by: str = ""
    until: str = ""
    levers: list[str] = []
    mode_before: str = MODE_OFF

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over; one whose end cannot be read is over already."""
        return has_come(self.until, now)


def approval_of(policy: PowerCappingPolicy) -> Approval | None:
    """Returns the approval that a policy bears; one that cannot be read is as one that ended long ago."""
    text = policy.metadata.annotations.get(ANNOTATION_APPROVAL)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Approval)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Approval()


def encode_approval(approval: Approval) -> str:
    """Returns the text of the annotation."""
    return msgspec.json.encode(approval).decode()
