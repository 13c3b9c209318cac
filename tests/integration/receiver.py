#!/usr/bin/env python3
"""Receives webhooks, checks every signature, and does as its address asks.

    receiver.py FOLDER

Prints its port.  FOLDER/secrets/NAME holds what NAME's calls are signed with, one a line.  A call of
/NAME becomes a line of FOLDER/calls: JSON with its name, when it came, the signatures' number, which
of the secrets (by line, from 0) made one of them, the headers and the event.  The query says what is
answered:

    status=500         in place of 204
    retry_after=3      with that header
    location=URL       with that header
    size=2000          with so many bytes
    first=2            all of this for so many calls alone; then 204
    delay=1.5          seconds before the answer
    hang=1             no answer at all
"""
import base64
import collections
import hashlib
import hmac
import json
import pathlib
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
calls = (folder / "calls").open("a", buffering=1)
counts = collections.Counter()


def signature(secret, message_id, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = b".".join([message_id.encode(), timestamp.encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def note(self, name, body):
        secrets = folder / "secrets" / name
        known = secrets.read_text().split() if secrets.exists() else []
        given = self.headers.get("webhook-signature", "").split()
        stamp = self.headers.get("webhook-timestamp", "")
        made = [signature(s, self.headers.get("webhook-id", ""), stamp, body) for s in known]
        try:
            event = json.loads(body)
        except ValueError:
            event = None
        line = {
            "name": name,
            "at": time.time(),
            "method": self.command,
            "signatures": len(given),
            "signed_by": [i for i, s in enumerate(made) if s in given],
            "late": not stamp.isdigit() or abs(time.time() - int(stamp)) > 300,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "connection": self.client_address[1],
            "event": event,
        }
        with lock:
            counts[name] += 1
            calls.write(json.dumps(line) + "\n")
            return counts[name]

    def answer(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        number = self.note(url.path.strip("/"), body)
        if number > int(query.get("first", number)):
            query = {}
        if "hang" in query:
            time.sleep(3600)
        time.sleep(float(query.get("delay", 0)))
        content = b"x" * int(query.get("size", 0))
        self.send_response(int(query.get("status", 204)))
        for name in "retry_after", "location":
            if name in query:
                self.send_header(name.title().replace("_", "-"), query[name])
        if content or query.get("status", "204") != "204":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


server = Server(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
