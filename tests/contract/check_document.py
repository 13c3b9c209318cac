"""Is openapi.yaml valid, complete, closed, and true to its own examples and to the error table?"""

import re

from openapi_spec_validator import OpenAPIV31SpecValidator

from contract import ROOT, Contract, Tap, pointer

tap = Tap()
contract = Contract()
document = contract.document


def media_faults(node, at):
    """Examples of a request's or an answer's content against its schema."""
    for media_type, media in node.get("content", {}).items():
        media_at = at + pointer("content", media_type)
        values = [media["example"]] if "example" in media else []
        for name, example in media.get("examples", {}).items():
            example, _ = contract.resolve(example, media_at + pointer("examples", name))
            values.append(example["value"])
        if not values and not media_type.startswith("image/"):
            yield f"{media_at}: no example"
        for value in values:
            for fault in contract.faults(value, media_at + "/schema"):
                yield f"{media_at}: {fault}"


def parameter_faults(parameters, at):
    for number, parameter in enumerate(parameters):
        parameter, parameter_at = contract.resolve(parameter, f"{at}/{number}")
        if "example" not in parameter:
            yield f"{parameter_at}: no example"
            continue
        for fault in contract.faults(parameter["example"], parameter_at + "/schema"):
            yield f"{parameter_at}: {fault}"


def response_faults(operation, at):
    for status, response in operation["responses"].items():
        response, response_at = contract.resolve(response, at + pointer("responses", status))
        yield from media_faults(response, response_at)
        problem = response.get("content", {}).get("application/problem+json")
        if int(status) >= 400 and problem is None and "x-internal" not in operation:
            yield f"{response_at}: an error without a problem"
        for name, example in (problem or {}).get("examples", {}).items():
            value = contract.resolve(example, response_at)[0]["value"]
            if value["status"] != int(status):
                yield f"{response_at}: {name} has status {value['status']}"


def operation_faults(path, operation, at):
    for member in ("operationId", "summary", "tags", "security", "responses"):
        if member not in operation:
            yield f"no {member}"
    if not any(status.startswith("2") for status in operation["responses"]):
        yield "no success"
    item = document["paths"][path]
    yield from parameter_faults(item.get("parameters", []), pointer("paths", path, "parameters"))
    yield from parameter_faults(operation.get("parameters", []), at + "/parameters")
    if "requestBody" in operation:
        yield from media_faults(operation["requestBody"], at + "/requestBody")
        for status in ("400", "413", "415", "422"):
            if status not in operation["responses"]:
                yield f"takes a body, and has no {status}"
    if operation["security"] and "401" not in operation["responses"]:
        yield "needs a token, and has no 401"
    named = set(re.findall(r"{(\w+)}", path))
    declared = {parameter["name"] for parameter in (
        contract.resolve(node, "")[0] for node in item.get("parameters", []))
        if parameter["in"] == "path"}
    if named != declared:
        yield f"path parameters {named} and {declared}"
    yield from response_faults(operation, at)


def open_objects(node, at):
    """Object schemas that say nothing about members they don't know."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "additionalProperties" not in node:
            yield f"{at}: open"
        for name, child in node.items():
            if name not in ("example", "examples"):
                yield from open_objects(child, at + pointer(name))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from open_objects(child, f"{at}/{number}")


def error_table():
    """code -> (status, title), from the one table of errors."""
    text = (ROOT / "shared/base/err.h").read_text(encoding="utf-8")
    rows = re.findall(r'X\(ERR_\w+, (\d+), "(\w+)",[\s\\]*"([^"]+)",', text)
    return {code: (int(status), title) for status, code, title in rows}


def example_faults(table):
    used = str({path: item for path, item in document["paths"].items()}) + str(
        document["components"]["responses"])
    for name, example in document["components"]["examples"].items():
        value = example["value"]
        code = value.get("code")
        yield from (f"{name}: {fault}" for fault in
                    contract.faults(value, "/components/schemas/Problem"))
        if table.get(code) != (value["status"], value["title"]):
            yield f"{name}: the error table has {code} as {table.get(code)}"
        if value["type"] != f"/problems/{code}":
            yield f"{name}: its type is {value['type']}"
        if f"/examples/{name}'" not in used:
            yield f"{name}: nothing refers to it"


tap.ok("it is valid OpenAPI 3.1", (
    f"{'/'.join(map(str, error.path))}: {error.message[:300]}"
    for error in OpenAPIV31SpecValidator(document).iter_errors()))
tap.ok("every object is closed", open_objects(document["components"]["schemas"], ""))
ids = [operation["operationId"] for _, _, operation, _ in contract.operations()]
tap.ok("operation ids are unique and in camelCase", [
    name for name in ids if ids.count(name) > 1 or not re.fullmatch(r"[a-z][a-zA-Z]+", name)])
for method, path, operation, at in contract.operations():
    tap.ok(f"{method} {path} is whole, and its examples fit",
           operation_faults(path, operation, at))
tap.ok("problems are those of the error table", example_faults(error_table()))
codes = document["components"]["schemas"]["FieldFault"]["properties"]["code"]["enum"]
table = re.findall(r'X\(FIELD_\w+, "(\w+)"\)',
                   (ROOT / "shared/base/fault.h").read_text(encoding="utf-8"))
tap.ok("a field's codes are those of the table", set(codes) ^ set(table))
currencies = re.findall(r'"([A-Z]{3})[0-9]"',
                        (ROOT / "shared/base/money.c").read_text(encoding="utf-8"))
tap.ok("currencies are those of the table",
       set(document["components"]["schemas"]["Currency"]["enum"]) ^ set(currencies))
tap.done()
