"""Whatever a body holds: no crash, a clear answer, and no action but what a listed person asked for."""

import asyncio
import json
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from admission.slack.ask import NotUnderstood, read_ask
from common.alerts.slack_buttons import APPROVE, CANCEL, CONFIRM, EXPLAIN, SNOOZE
from tests.fakes.slack import press, slash
from tests.unit.slack.desk_for_tests import BOSS, READER, STRANGER, Office

ACTING = {"confirm", "revoke", "snooze"}

words = st.sampled_from(
    ["approve", "snooze", "revoke", "status", "explain", "confirm", "llm/chat", "llm/other", "domain", "node",
     "row-1", "60", "2h", "0", "-1", "help", "<!channel>", "../..", "%00"]
)  # fmt: skip
texts = st.one_of(st.lists(words, max_size=5).map(" ".join), st.text(max_size=60))
users = st.sampled_from([BOSS, READER, STRANGER, ""])
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
values = st.one_of(
    st.text(max_size=40),
    plain.map(json.dumps),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["PowerCappingPolicy", "PowerDomain", "Lease", ""]),
         "name": st.sampled_from(["chat", "../x", "", "a" * 300])},
        optional={"namespace": st.sampled_from(["llm", "", "a/b"]), "alert": st.text(max_size=10),
                  "severity": st.sampled_from(["critical", "dire"]), "minutes": st.integers(-5, 10**9),
                  "plan": st.text(max_size=24)},
    ).map(json.dumps),
)  # fmt: skip
actions = st.fixed_dictionaries(
    {"type": st.just("button"),
     "action_id": st.sampled_from([APPROVE, CONFIRM, CANCEL, SNOOZE, EXPLAIN, "other"]), "value": values}
)  # fmt: skip
bodies = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=5).map(
        lambda form: urlencode(form).encode()
    ),
    plain.map(lambda value: urlencode({"payload": json.dumps(value)}).encode()),
    st.builds(slash, texts, users, st.text(max_size=20)),
    st.builds(press, actions, users, st.text(max_size=20)),
)


def handled(body):
    """What became of a body: the ask, its answer, and the office after it."""
    office = Office()
    try:
        ask = read_ask(body)
    except NotUnderstood:
        return None, office
    if ask is None:
        return None, office
    reply = asyncio.run(office.desk.answer(ask))
    wire = json.dumps(reply.to_wire())
    assert reply.text
    assert len(wire) < 40_000
    assert all(note[1] != "failed" for note in office.trail.notes)
    return ask, office


@settings(max_examples=300)
@given(bodies)
def test_any_body_is_answered_and_acts_only_for_who_may(body):
    ask, office = handled(body)
    if office.writer.writes:
        assert ask.user == BOSS
        assert ask.command.verb in ACTING


@settings(max_examples=100)
@given(actions, st.sampled_from([READER, STRANGER, ""]))
def test_no_button_acts_for_who_may_not(action, user):
    assert handled(press(action, user))[1].writer.writes == []


@settings(max_examples=100)
@given(actions)
def test_no_made_up_button_approves(action):
    writes = handled(press(action, BOSS))[1].writer.writes
    assert all(write[0] != "approve" for write in writes)


@settings(max_examples=100)
@given(texts)
def test_no_command_approves_without_being_shown_first(text):
    writes = handled(slash(text, BOSS))[1].writer.writes
    assert all(write[0] != "approve" for write in writes)
