"""openapi.yaml as data, JSON Schema over it, and TAP."""

import pathlib
import re

import jsonschema
import referencing
import referencing.jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")
DOCUMENT = "urn:shop:openapi"


class Tap:
    def __init__(self):
        self.count = 0
        self.failures = 0

    def ok(self, what, faults=()):
        """One assertion, which holds when there are no faults."""
        faults = list(faults)
        self.count += 1
        self.failures += bool(faults)
        print(f"{'not ' if faults else ''}ok {self.count} - {what}")
        for fault in faults:
            for line in str(fault).splitlines():
                print(f"#   {line}")

    def done(self):
        print(f"1..{self.count}")
        raise SystemExit(1 if self.failures else 0)


class Contract:
    def __init__(self, path=ROOT / "openapi.yaml"):
        self.document = yaml.safe_load(path.read_text(encoding="utf-8"))
        resource = referencing.Resource.from_contents(
            self.document, default_specification=referencing.jsonschema.DRAFT202012)
        self.registry = referencing.Registry().with_resource(DOCUMENT, resource)
        self.formats = jsonschema.Draft202012Validator.FORMAT_CHECKER

    def operations(self):
        """(method, path, operation, pointer), methods in upper case."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method], pointer("paths", path, method)

    def resolve(self, node, at):
        """The node that stands at `at`, or the component it refers to, and where that is."""
        while isinstance(node, dict) and "$ref" in node:
            at = node["$ref"].removeprefix("#")
            node = self.at(at)
        return node, at

    def at(self, at):
        node = self.document
        for part in at.split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            node = node[int(part)] if isinstance(node, list) else node[part]
        return node

    def faults(self, value, schema_at):
        """How the value breaks the schema at that pointer, a line each."""
        validator = jsonschema.Draft202012Validator(
            {"$ref": f"{DOCUMENT}#{schema_at}"}, registry=self.registry,
            format_checker=self.formats)
        for error in validator.iter_errors(value):
            yield f"{error.json_path}: {error.message[:300]}"

    def find(self, method, path):
        """(operation, pointer) that a request's path belongs to, or (None, None)."""
        method = "GET" if method == "HEAD" else method
        for candidate, template, operation, at in self.operations():
            pattern = "/".join("[^/]+" if part.startswith("{") else re.escape(part)
                               for part in template.split("/"))
            if candidate == method and re.fullmatch(pattern, path):
                return operation, at
        return None, None


def pointer(*parts):
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
