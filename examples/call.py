#!/usr/bin/env python3
"""Makes one call through the gateway and shows what an application has to do for it: registers a device, subscribes to
its events with a small HTTPS sink, calls, prints the events as they come, hangs up, and cleans up.

Needs nothing but Python 3.9 or later. It ends with 0 after a call that was answered and hung up, else with 1."""

import argparse
import datetime
import http.server
import json
import os
import queue
import secrets
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

EVENT = "org.camaraproject.webrtc-events.v0."
FINAL = {"Terminated", "SessionCancelled", "Declined", "Failed", "NoAnswer", "NotReachable", "Busy"}

# The offer of an audio call. A browser's RTCPeerConnection makes a real one; the gateway carries it unchanged.
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
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


class Problem(Exception):
    """What went wrong, for the person at the terminal."""


class Gateway:
    """The gateway's API: JSON in, JSON out, and errors as they are meant for people."""

    def __init__(self, url, token):
        self.url = url.rstrip("/")
        self.token = token
        # One correlator for the whole run: it finds every request in the gateway's log.
        self.correlator = "example-" + secrets.token_hex(8)

    def request(self, method, path, body=None, headers=None):
        headers = {"x-correlator": self.correlator, "Accept": "application/json", **(headers or {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=15) as response:
                content = response.read()
                return json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            raise Problem(f"{method} {path}: {describe(error)}") from error
        except (urllib.error.URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Problem(f"{method} {path}: {reason}. Does the gateway run at {self.url}?") from error

    def register(self, device, number):
        body = {"deviceId": device}
        # The number is the token's; only where the token names none does it stand in the body.
        if number:
            body["phoneNumber"] = number
        return self.request("POST", "/webrtc-registration/v0.4/sessions", body)["registrationId"]

    def subscribe(self, device, sink, kinds=("session-status", "registration-ends")):
        body = {
            "protocol": "HTTP",
            "sink": sink.url,
            "sinkCredential": {
                "credentialType": "ACCESSTOKEN",
                "accessToken": sink.token,
                "accessTokenType": "bearer",
                "accessTokenExpiresUtc": in_an_hour(),
            },
            "types": [EVENT + kind for kind in kinds],
            "config": {"subscriptionDetail": {"deviceId": device}, "subscriptionExpireTime": in_an_hour()},
        }
        return self.request("POST", "/webrtc-events/v0.3/subscriptions", body)["id"]

    def call(self, registration, caller, callee):
        body = {"originatorAddress": f"tel:{caller}", "receiverAddress": f"tel:{callee}", "offer": {"sdp": OFFER}}
        headers = {"registrationId": registration}
        return self.request("POST", "/webrtc-call-handling/v0.4/sessions", body, headers)

    def change(self, path, status, **descriptions):
        body = {"status": status, **{name: {"sdp": sdp} for name, sdp in descriptions.items()}}
        return self.request("PUT", path + "/status", body)

    def delete(self, path):
        self.request("DELETE", path)


class Sink:
    """An HTTPS server that takes events. It answers each one at once and leaves the work to whoever reads the queue: a
    slow sink only delays itself."""

    MAXIMUM_BODY = 1 << 20

    def __init__(self, host, port, certificate, key):
        self.token = secrets.token_urlsafe(32)
        self.events = queue.Queue()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(certificate, key)
            self.server = http.server.ThreadingHTTPServer((host, port), self.handler())
        except (OSError, ssl.SSLError) as error:
            raise Problem(f"the sink does not start: {error}") from error
        # The handshake belongs to the thread of its connection, so that a silent peer stops nobody.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://{host}:{self.server.server_address[1]}/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_POST(self):
                length = self.headers.get("Content-Length", "")
                if self.path != "/events" or not length.isdigit() or int(length) > Sink.MAXIMUM_BODY:
                    return self.answer(400)
                body = self.rfile.read(int(length))
                expected = f"Bearer {sink.token}"
                if not secrets.compare_digest(self.headers.get("Authorization", "").encode(), expected.encode()):
                    return self.answer(401)
                try:
                    event = json.loads(body)
                    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
                        raise ValueError
                except ValueError:
                    return self.answer(400)
                sink.events.put(event)
                return self.answer(204)

            def answer(self, status):
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Length", "0")
                    self.send_header("Connection", "close")
                self.end_headers()

            def log_message(self, *arguments):
                """The events are printed; the requests need not be."""

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Watcher:
    """Reads the sink's events in order and prints them."""

    def __init__(self, sink, timeout):
        self.sink = sink
        self.timeout = timeout
        self.seen = set()

    def next(self, deadline):
        """The next event, printed; None if none comes before the deadline."""
        while True:
            try:
                event = self.sink.events.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            # An event that is sent again has the same id.
            if event.get("id") in self.seen:
                continue
            self.seen.add(event.get("id"))
            print_event(event, event["data"])
            return event

    def wait_for(self, session, wanted):
        """Returns when the session has the status `wanted`. Another final one is a problem, and so is silence."""
        deadline = time.monotonic() + self.timeout
        while event := self.next(deadline):
            data = event["data"]
            if data.get("mediaSessionId") != session:
                continue
            if data.get("status") == wanted:
                return
            if data.get("status") in FINAL:
                raise Problem(f"the call has ended: {data['status']}, {data.get('reason', 'without a reason')}")
        hint = "" if self.seen else " None came at all: does the gateway trust the sink's certificate?"
        raise Problem(f"no event said {wanted} within {self.timeout} seconds.{hint}")

    def wait_for_the_last(self):
        """Stays for `subscription-ended`, so that the gateway does not take the sink for a dead one."""
        deadline = time.monotonic() + min(self.timeout, 5)
        while event := self.next(deadline):
            if event.get("type") == EVENT + "subscription-ended":
                return


def print_event(event, data):
    kind = str(event.get("type", "")).removeprefix(EVENT)
    words = [data.get("status") or data.get("terminationReason") or "", data.get("reason") or ""]
    number = f" #{data['sequenceNumber']}" if "sequenceNumber" in data else ""
    print(f"  event  {kind}{number}: " + " ".join(word for word in words if word), flush=True)


def describe(error):
    """An answer that is an error: CAMARA's code and message, or what there is."""
    try:
        body = json.loads(error.read())
        return f"{error.code} {body['code']}: {body['message']}"
    except (ValueError, KeyError, TypeError, OSError):
        return f"HTTP {error.code}"


def in_an_hour():
    time_then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return time_then.strftime("%Y-%m-%dT%H:%M:%SZ")


def make_certificate(folder, host):
    """A certificate for a sink on this machine; the gateway has to be told to trust it."""
    os.makedirs(folder, exist_ok=True)
    certificate, key = os.path.join(folder, "sink.pem"), os.path.join(folder, "sink.key")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "30", "-subj", "/CN=sink", "-addext", f"subjectAltName=DNS:localhost,IP:{host}"]
    command += ["-keyout", key, "-out", certificate]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        os.chmod(key, 0o600)
    except FileNotFoundError:
        raise Problem("no openssl command; give --certificate and --key instead") from None
    except subprocess.CalledProcessError as error:
        raise Problem(f"openssl made no certificate: {error.stderr.strip()}") from error
    print(f"Made {certificate} and {key}. In the gateway's configuration:\n\n"
          f"events:\n  allowSinks: [{host}]\n  caFile: {os.path.abspath(certificate)}")


def run(options):
    gateway = Gateway(options.api, options.token)
    sink = Sink(options.sink_host, options.sink_port, options.certificate, options.key)
    watcher = Watcher(sink, options.timeout)
    device = str(uuid.uuid4())
    # What was made, newest last, to be deleted in the opposite order whatever happens.
    made = []
    try:
        registration = gateway.register(device, None if options.token and not options.two_legged else options.caller)
        made.append(f"/webrtc-registration/v0.4/sessions/{registration}")
        print(f"Registered the device as {registration}")
        subscription = gateway.subscribe(device, sink)
        made.append(f"/webrtc-events/v0.3/subscriptions/{subscription}")
        print(f"Subscribed to its events; the sink is {sink.url}")
        session = gateway.call(registration, options.caller, options.callee)
        path = f"/webrtc-call-handling/v0.4/sessions/{session['mediaSessionId']}"
        made.append(path)
        print(f"Called: {session['status']}")
        watcher.wait_for(session["mediaSessionId"], "Connected")
        print(f"They talk for {options.talk:g} seconds")
        time.sleep(options.talk)
        print("Hanging up")
        gateway.delete(path)
        made.remove(path)
        watcher.wait_for(session["mediaSessionId"], "Terminated")
    finally:
        clean_up(gateway, made)
        if any("/subscriptions/" in path for path in made):
            watcher.wait_for_the_last()
        sink.close()
    print("The call was made, answered and ended.")


def clean_up(gateway, made):
    """Deletes what was made. A failure here is told, and hides no earlier one."""
    for path in reversed(made):
        try:
            gateway.delete(path)
        except Problem as problem:
            print(f"Left behind: {problem}", file=sys.stderr)


def common_arguments(description):
    """The options that every example has."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The gateway connects to the sink over TLS: its configuration must trust the sink's certificate "
        "(events.caFile)\nand, on this machine, allow its address (events.allowSinks). See README.md.")
    parser.add_argument("--api", default="http://127.0.0.1:8080", metavar="URL", help="the gateway, prefix included (%(default)s)")
    parser.add_argument("--token", default=os.environ.get("GATEWAY_TOKEN"), help="access token; by default GATEWAY_TOKEN")
    parser.add_argument("--two-legged", action="store_true", help="the token names no phone number")
    parser.add_argument("--talk", type=float, default=1.0, metavar="SECONDS", help="how long they talk (%(default)s)")
    parser.add_argument("--timeout", type=float, default=20.0, metavar="SECONDS", help="longest wait for an event (%(default)s)")
    parser.add_argument("--certificate", metavar="FILE", help="the sink's certificate, PEM")
    parser.add_argument("--key", metavar="FILE", help="its key, PEM")
    parser.add_argument("--sink-host", default="127.0.0.1", metavar="ADDRESS", help="where the sink listens (%(default)s)")
    parser.add_argument("--sink-port", type=int, default=0, metavar="PORT", help="its port; 0 for any (%(default)s)")
    parser.add_argument("--make-certificate", metavar="FOLDER", help="only make a certificate for the sink, with openssl")
    return parser


def parsed(parser):
    options = parser.parse_args()
    if not options.make_certificate and not (options.certificate and options.key):
        parser.error("--certificate and --key are needed; --make-certificate FOLDER makes them")
    return options


def main(name, options, run):
    """Runs an example and returns its exit status."""
    try:
        if options.make_certificate:
            make_certificate(options.make_certificate, options.sink_host)
        else:
            run(options)
    except Problem as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


def arguments():
    parser = common_arguments(__doc__)
    parser.add_argument("--from", dest="caller", default="+17085852753", metavar="NUMBER", help="the caller (%(default)s)")
    parser.add_argument("--to", dest="callee", default="+17085854000", metavar="NUMBER", help="the callee (%(default)s)")
    return parsed(parser)


if __name__ == "__main__":
    sys.exit(main("call.py", arguments(), run))
