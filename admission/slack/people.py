"""Who may do what: users by their ID, user groups by asking Slack who is in them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from common.clock import Clock

log = logging.getLogger(__name__)

READ: Final = "read"
SNOOZE: Final = "snooze"
APPROVE: Final = "approve"

EVERYBODY: Final = "*"

MembersOf = Callable[[str], Awaitable[frozenset[str]]]
"""Returns the users of a group; raises ``MembersUnknown``."""


class MembersUnknown(Exception):  # noqa: N818 - named after what it is
    """Slack could not be asked who is in a group."""


class AllowList:
    """Rights by name, each with the users and groups that have it."""

    def __init__(self, rights: Mapping[str, Sequence[str]], members_of: MembersOf) -> None:
        self._rights = rights
        self._members_of = members_of

    async def allows(self, user: str, right: str) -> bool:
        """Whether the user has the right; a group that cannot be asked gives none."""
        listed = self._rights[right]
        if EVERYBODY in listed or user in listed:
            return True
        for group in (each for each in listed if each.startswith("S")):
            try:
                if user in await self._members_of(group):
                    return True
            except MembersUnknown as error:
                log.warning(
                    "members of a user group are unknown", extra={"group": group, "error": str(error)}
                )
        return False


class UserGroups:
    """Members of user groups, asked of Slack and remembered for a while.

    Args:
        client: With a bot token of scope ``usergroups:read``; None where there is no token.
        clock: Passed in.
        cache_seconds: How long an answer counts.
        deadline_seconds: How long Slack may take.
    """

    def __init__(
        self, client: AsyncWebClient | None, clock: Clock, *, cache_seconds: float, deadline_seconds: float
    ) -> None:
        self._client = client
        self._clock = clock
        self._cache_seconds = cache_seconds
        self._deadline_seconds = deadline_seconds
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    async def members(self, group: str) -> frozenset[str]:
        """Returns the IDs of the users of a group.

        Raises:
            MembersUnknown: Without a token, or when Slack did not tell.
        """
        asked_at, users = self._known.get(group, (float("-inf"), frozenset[str]()))
        now = self._clock.monotonic()
        if now - asked_at < self._cache_seconds:
            return users
        users = await self._ask(group)
        self._known[group] = (now, users)
        return users

    async def _ask(self, group: str) -> frozenset[str]:
        if self._client is None:
            raise MembersUnknown("no bot token is set: give --slack-bot-token-file")
        try:
            async with asyncio.timeout(self._deadline_seconds):
                answer = await self._client.usergroups_users_list(usergroup=group)
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # The texts of such errors may hold what was sent along.
            raise MembersUnknown(f"Slack did not tell ({type(error).__name__})") from None
        users = answer.get("users")
        return frozenset(str(user) for user in users) if isinstance(users, list) else frozenset()
