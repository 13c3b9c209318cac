"""Are the answers that were kept (SHOP_EXCHANGES of tests/integration/lib.sh) those that openapi.yaml
promises?  check_answers.py FOLDER"""

import json
import pathlib
import sys
import urllib.parse

from contract import Contract, Tap, pointer

tap = Tap()
contract = Contract()


class Exchange:
    def __init__(self, folder):
        text = (folder / "line").read_text(encoding="utf-8")
        self.method, self.url, status = text.split()
        self.status = status
        self.path = urllib.parse.urlsplit(self.url).path
        self.sent = (folder / "sent").read_bytes()
        self.body = (folder / "body").read_bytes()
        self.headers = {}
        for line in (folder / "headers").read_text(encoding="utf-8").splitlines():
            if line.startswith("HTTP/"):
                self.headers = {}
            name, colon, value = line.partition(":")
            if colon:
                self.headers[name.lower()] = value.strip()

    def __str__(self):
        return f"{self.method} {self.url} {self.sent[:200]!r}: {self.status} {self.body[:500]!r}"


def header_faults(exchange, response, at):
    for name, header in response.get("headers", {}).items():
        header, header_at = contract.resolve(header, at + pointer("headers", name))
        value = exchange.headers.get(name.lower())
        if value is None:
            if header.get("required"):
                yield f"no header {name}"
            continue
        if header["schema"].get("type") == "integer":
            value = int(value)
        for fault in contract.faults(value, header_at + "/schema"):
            yield f"{name}: {fault}"


def body_faults(exchange, response, at):
    content = response.get("content")
    if content is None:
        if exchange.body:
            yield "a body, where none is promised"
        return
    media_type = exchange.headers.get("content-type", "").partition(";")[0]
    if media_type not in content:
        yield f"the media type is {media_type}"
        return
    if exchange.method == "HEAD" or not media_type.endswith("json"):
        return
    try:
        value = json.loads(exchange.body)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    yield from contract.faults(value, at + pointer("content", media_type, "schema"))
    if media_type == "application/problem+json":
        codes = {contract.resolve(example, at)[0]["value"]["code"]
                 for example in content[media_type]["examples"].values()}
        if value.get("code") not in codes:
            yield f"{value.get('code')} is not promised, but {codes}"


def request_faults(exchange, operation, at):
    """What was accepted must be what the document allows."""
    taken = operation.get("requestBody", {}).get("content", {})
    if exchange.status.startswith("2") and exchange.sent and "application/json" in taken:
        yield from contract.faults(
            json.loads(exchange.sent),
            at + "/requestBody" + pointer("content", "application/json", "schema"))


def exchange_faults(exchange, operation, at):
    if exchange.status not in operation["responses"]:
        yield f"{exchange.status} is not promised"
        return
    response, response_at = contract.resolve(
        operation["responses"][exchange.status], at + pointer("responses", exchange.status))
    yield from header_faults(exchange, response, response_at)
    yield from body_faults(exchange, response, response_at)
    yield from request_faults(exchange, operation, at)


seen = {}
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    exchange = Exchange(folder)
    operation, at = contract.find(exchange.method, exchange.path)
    if operation is None:
        continue
    faults = seen.setdefault(operation["operationId"], {"statuses": set(), "faults": []})
    faults["statuses"].add(exchange.status)
    for fault in exchange_faults(exchange, operation, at):
        faults["faults"] += [fault, f"    {exchange}"]

for method, path, operation, _ in contract.operations():
    name = operation["operationId"]
    found = seen.get(name, {"statuses": set(), "faults": []})
    tap.ok(f"{name}: a success was seen", [] if any(
        status.startswith("2") for status in found["statuses"]) else [f"{found['statuses']}"])
    tap.ok(f"{name}: {len(found['statuses'])} statuses, all answers as promised", found["faults"])
tap.done()
