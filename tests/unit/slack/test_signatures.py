"""Which requests are taken for Slack's: signed, fresh, and heard once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admission.slack.signature import FORGED, REPLAYED, STALE, UNSIGNED, WINDOW_SECONDS, SignatureGate
from tests.fakes.slack import SIGNING_SECRET, signature, slash

NOW = 1_800_000_000
BODY = slash("status", "U1")


def judged(body=BODY, at=NOW, now=NOW, started=0, secret=SIGNING_SECRET, gate=None, **headers):
    signed = signature(body, at, secret)
    made = gate or SignatureGate(SIGNING_SECRET, started)
    return made.refusal(
        body,
        headers.get("timestamp", signed["X-Slack-Request-Timestamp"]),
        headers.get("signature", signed["X-Slack-Signature"]),
        now,
    )


def test_the_example_of_slacks_own_page_passes():
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    gate = SignatureGate("8f742231b10e8888abcd99yyyzzz85a5", 0)
    signed = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert gate.refusal(body, "1531420618", signed, 1531420618) == ""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(NOW + WINDOW_SECONDS, "", id="five minutes old"),
        pytest.param(NOW + WINDOW_SECONDS + 1, STALE, id="a second older"),
        pytest.param(NOW - WINDOW_SECONDS, "", id="from a clock five minutes ahead"),
        pytest.param(NOW - WINDOW_SECONDS - 1, STALE, id="from further ahead"),
    ],
)
def test_five_minutes_are_the_window(now, expected):
    assert judged(now=now) == expected


def test_replay_is_refused_as_long_as_the_signature_is_valid():
    gate = SignatureGate(SIGNING_SECRET, 0)
    assert judged(gate=gate) == ""
    for later in (0, 1, WINDOW_SECONDS):
        assert judged(gate=gate, now=NOW + later) == REPLAYED
    assert judged(gate=gate, now=NOW + WINDOW_SECONDS + 1) == STALE


def test_replay_of_what_an_earlier_process_took_is_refused():
    assert judged(started=NOW + 1) == STALE
    assert judged(started=NOW + 0.9) == ""  # Slack's timestamps are whole seconds


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"signature": ""}, FORGED, id="no signature"),
        pytest.param({"timestamp": ""}, UNSIGNED, id="no timestamp"),
        pytest.param({"timestamp": "soon"}, UNSIGNED, id="no number"),
        pytest.param({"timestamp": "-5"}, UNSIGNED, id="negative"),
        pytest.param({"timestamp": "²"}, UNSIGNED, id="a digit that is none"),
        pytest.param({"timestamp": "9" * 5000}, UNSIGNED, id="a huge number"),
        pytest.param({"signature": "v0=ü"}, UNSIGNED, id="not ASCII"),
        pytest.param({"signature": "v1=" + "0" * 64}, FORGED, id="another version"),
    ],
)
def test_headers_that_are_none_are_refused(headers, expected):
    assert judged(**headers) == expected


def test_another_secret_is_refused():
    assert judged(secret="other") == FORGED


def test_time_is_part_of_what_is_signed():
    assert judged(timestamp=str(NOW - 1)) == FORGED


@given(at=st.integers(0, len(BODY) - 1), change=st.integers(1, 255))
def test_any_changed_byte_is_noticed(at, change):
    changed = bytearray(BODY)
    changed[at] ^= change
    signed = signature(BODY, NOW)
    gate = SignatureGate(SIGNING_SECRET, 0)
    assert gate.refusal(bytes(changed), str(NOW), signed["X-Slack-Signature"], NOW) == FORGED


@given(st.binary(max_size=200), st.text(max_size=80), st.text(max_size=20))
def test_noise_is_refused_without_a_crash(body, signed, timestamp):
    assert SignatureGate(SIGNING_SECRET, 0).refusal(body, timestamp, signed, NOW) in {UNSIGNED, STALE, FORGED}
