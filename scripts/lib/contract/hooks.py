"""What a schema cannot say about a request: numbers whose calls end by themselves, session descriptions that are some,
times that are still to come, and a sink on this machine. Everything else is schemathesis' own invention."""

import datetime
import functools
import os
import re
import uuid
import zlib

import requests
import schemathesis
from schemathesis import GenerationMode

# How "gateway endpoint" answers by the last three digits: every one of these calls is over after two seconds at most.
NUMBERS = [f"tel:+17085854{ending}" for ending in ("704", "486", "404", "703", "603")]
SINK = os.environ.get("CONTRACT_SINK", "https://127.0.0.1:9/events")
ADDRESS = re.compile(r"(tel:\+?[0-9*#]{1,15}|sip:[^@]+@[^@]+)(;.*)?")
SDP = "\r\n".join(
    [
        "v=0",
        "o=- 20518 0 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:F7gI",
        "a=ice-pwd:x9cml/YzichV2+XlhiMu8gQX",
        "a=fingerprint:sha-256 " + ":".join(["5A"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "",
    ]
)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Corrects what a published file contradicts itself in: a subscription may have three types, and its answer, which
    lists them, one."""
    schemas = raw_schema.get("components", {}).get("schemas", {})
    if "SubscriptionRequest" in schemas and "Subscription" in schemas:
        asked, answered = (schemas[name]["properties"]["types"] for name in ("SubscriptionRequest", "Subscription"))
        answered["maxItems"] = max(answered["maxItems"], asked["maxItems"])


@schemathesis.hook
def before_call(context, case, kwargs):
    if not isinstance(case.body, dict):
        return
    if case.method.upper() == "POST" and case.operation.path.endswith("/sessions"):
        end_calls(case.body)
    if case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE:
        make_sensible(case.body)
        if "-registration" in case.operation.path and case.method.upper() == "POST":
            # Without a token the body has to name the number.
            case.body.setdefault("phoneNumber", number_of(str(case.body.get("deviceId"))))
        if "/sessions" in case.operation.path and "registrationId" in (case.headers or {}):
            case.headers["registrationId"] = live_registration()


def number_of(device):
    """Spreads devices over numbers, each of which may have a few only."""
    return f"+1708585{zlib.crc32(device.encode()) % 10000:04}"


@functools.lru_cache(maxsize=1)
def live_registration():
    """A device that calls are made with, registered once for a run; any text where the server has no registrar."""
    response = requests.post(
        os.environ["CONTRACT_API"] + "/webrtc-registration/v0.4/sessions",
        json={"deviceId": str(uuid.uuid4()), "phoneNumber": "+17085852753"},
        timeout=10,
    )
    return response.json().get("registrationId", "none")


def end_calls(body):
    """Sends the call to a number that answers, refuses or hangs up by itself; which one depends on the one replaced."""
    receiver = body.get("receiverAddress")
    if isinstance(receiver, str) and receiver not in NUMBERS and ADDRESS.fullmatch(receiver) and "anonymous" not in receiver:
        body["receiverAddress"] = NUMBERS[zlib.crc32(receiver.encode()) % len(NUMBERS)]


def make_sensible(value):
    """Replaces the texts whose form the schema cannot give, wherever they are."""
    if "sessionId" in value and "mediaSessionId" in value:
        # Two names of one thing.
        value["mediaSessionId"] = value["sessionId"]
    for key, inner in value.items():
        if isinstance(inner, dict):
            make_sensible(inner)
        elif isinstance(inner, str):
            if key == "sdp":
                value[key] = SDP
            elif key == "sink":
                value[key] = SINK
            elif key in ("registrationExpireTime", "subscriptionExpireTime") or key.startswith("accessTokenExpire"):
                value[key] = in_an_hour()


def in_an_hour():
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
