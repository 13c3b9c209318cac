"""An OpenTelemetry collector for stories: takes OTLP/HTTP in JSON, and only what the protocol allows.

    collector.py FOLDER

Prints its port.  FOLDER/spans gets each span as a line of JSON, with its service; FOLDER/refused what
is no ExportTraceServiceRequest.  While FOLDER/away is there, it answers 503.
"""
import base64
import http.server
import json
import pathlib
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

FOLDER = pathlib.Path(sys.argv[1])
KINDS = ["", "internal", "server", "client", "producer", "consumer"]
SIZES = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def check(document):
    """OTLP writes ids in hexadecimal, unlike other JSON of Protocol Buffers; the rest is for its
    parser, which knows no unknown field."""
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name, size in SIZES.items():
                    if name in span:
                        raw = bytes.fromhex(span[name])
                        if len(raw) * 2 != size or not any(raw):
                            raise ValueError(f"{name}: {span[name]}")
                        span[name] = base64.b64encode(raw).decode()
    json_format.ParseDict(document, ExportTraceServiceRequest())


def attributes(listed):
    return {a["key"]: next(iter(a["value"].values())) for a in listed}


def spans(document):
    for resource in document["resourceSpans"]:
        service = attributes(resource["resource"]["attributes"])["service.name"]
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                yield {
                    "service": service,
                    "trace": span["traceId"],
                    "id": span["spanId"],
                    "parent": span.get("parentSpanId", ""),
                    "name": span["name"],
                    "kind": KINDS[span["kind"]],
                    "start": int(span["startTimeUnixNano"]),
                    "end": int(span["endTimeUnixNano"]),
                    "failed": span.get("status", {}).get("code") == 2,
                    "attributes": attributes(span["attributes"]),
                }


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200
        if (FOLDER / "away").exists():
            status = 503
        else:
            try:
                if self.path != "/v1/traces" or self.headers["Content-Type"] != "application/json":
                    raise ValueError(f"{self.path}: {self.headers['Content-Type']}")
                check(json.loads(body))
                with open(FOLDER / "spans", "a") as file:
                    for span in spans(json.loads(body)):
                        file.write(json.dumps(span) + "\n")
            except Exception as fault:
                status = 400
                with open(FOLDER / "refused", "a") as file:
                    file.write(f"{fault!r}: {body.decode(errors='replace')}\n")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(server.server_address[1], flush=True)
server.serve_forever()
