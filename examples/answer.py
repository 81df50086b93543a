#!/usr/bin/env python3
"""Answers one call that comes in through the gateway: registers a device for a number, subscribes to its events, waits
for the invitation, rings, answers, prints the events as they come, hangs up, and cleans up. The caller may hang up first.

Beside call.py, of which it takes the API, the sink and the printing, it needs nothing but Python 3.9 or later. It ends
with 0 after a call that was answered and has ended, else with 1."""

import sys
import time
import uuid

from call import EVENT, OFFER, Gateway, Problem, Sink, Watcher, clean_up, common_arguments, main, parsed


def answer_to(offer):
    """An answer (RFC 3264): the first format of each audio section, with security if it is asked for; the rest refused.
    A browser's RTCPeerConnection makes a real one."""
    lines = ["v=0", "o=- 8066321617929821805 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    sections = [section.splitlines() for section in ("\n" + offer.replace("\r\n", "\n")).split("\nm=")[1:]]
    for section in sections:
        kind, _, protocol, form = section[0].split()[:4]
        if kind != "audio":
            lines.append(f"m={kind} 0 {protocol} {form}")
            continue
        lines.append(f"m=audio 9 {protocol} {form}")
        lines += [line for line in section if line.startswith((f"a=rtpmap:{form} ", f"a=fmtp:{form} ", "a=mid:"))]
        lines += [line for line in section if line == "a=rtcp-mux"]
        if "TLS" in protocol:
            lines += ["a=ice-ufrag:F7gI", "a=ice-pwd:x9cml/YzichV2+XlhiMu8gQX", "a=setup:active"]
            lines.append("a=fingerprint:sha-256 " + ":".join(["5A"] * 32))
        lines.append("a=sendrecv")
    return "\r\n".join(lines) + "\r\n"


def wait_for_invitation(watcher):
    deadline = time.monotonic() + watcher.timeout
    while event := watcher.next(deadline):
        if event.get("type") == EVENT + "session-invitation":
            return event["data"]
    raise Problem(f"nobody has called within {watcher.timeout:g} seconds")


def hung_up_within(watcher, session, seconds):
    """Whether the caller hangs up in that time."""
    deadline = time.monotonic() + seconds
    while event := watcher.next(deadline):
        data = event["data"]
        if data.get("mediaSessionId") == session and data.get("status") == "Terminated":
            return True
    return False


def talk(gateway, watcher, invitation, options, made):
    session = invitation["mediaSessionId"]
    path = f"/webrtc-call-handling/v0.4/sessions/{session}"
    made.append(path)
    gateway.change(path, "Ringing")
    time.sleep(options.ring)
    offer = invitation.get("offer")
    # A caller may leave the offer to us; its answer then comes by event.
    given = {"answer": answer_to(offer["sdp"])} if offer else {"offer": OFFER}
    print(f"Answered: {gateway.change(path, 'Connected', **given)['status']}", flush=True)
    watcher.wait_for(session, "Connected")
    if hung_up_within(watcher, session, options.talk):
        print("The caller has hung up")
    else:
        print("Hanging up")
        gateway.delete(path)
        watcher.wait_for(session, "Terminated")
    made.remove(path)


def run(options):
    gateway = Gateway(options.api, options.token)
    sink = Sink(options.sink_host, options.sink_port, options.certificate, options.key)
    watcher = Watcher(sink, options.timeout)
    device = str(uuid.uuid4())
    # What was made, newest last, to be deleted in the opposite order whatever happens.
    made = []
    try:
        registration = gateway.register(device, None if options.token and not options.two_legged else options.number)
        made.append(f"/webrtc-registration/v0.4/sessions/{registration}")
        print(f"Registered the device as {registration}")
        subscription = gateway.subscribe(device, sink, ("session-invitation", "session-status"))
        made.append(f"/webrtc-events/v0.3/subscriptions/{subscription}")
        print(f"Waiting for a call to {options.number}", flush=True)
        invitation = wait_for_invitation(watcher)
        print(f"A call from {invitation['originatorAddress']}", flush=True)
        talk(gateway, watcher, invitation, options, made)
    finally:
        clean_up(gateway, made)
        if any("/subscriptions/" in path for path in made):
            watcher.wait_for_the_last()
        sink.close()
    print("The call was answered and has ended.")


def arguments():
    parser = common_arguments(__doc__)
    parser.add_argument("--number", default="+17085852753", metavar="NUMBER", help="the number to be called (%(default)s)")
    parser.add_argument("--ring", type=float, default=1.0, metavar="SECONDS", help="how long it rings (%(default)s)")
    # A person has to place the call meanwhile.
    parser.set_defaults(timeout=120.0)
    return parsed(parser)


if __name__ == "__main__":
    sys.exit(main("answer.py", arguments(), run))
