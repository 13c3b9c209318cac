"""Makes a strict schema for kubeconform of each version in CustomResourceDefinitions, beside their files.

    crd_schemas.py CRD...
"""
import json
import pathlib
import sys

import yaml


def strict(schema):
    """Fields that are not told of are refused, as by an API server that validates strictly."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: {name: strict(field) for name, field in value.items()} if key == "properties" else strict(value)
            for key, value in schema.items() if not key.startswith("x-kubernetes-") and key not in ("default", "format")}
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("anyOf", None)
        made["type"] = ["integer", "string"]
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    return made


for path in map(pathlib.Path, sys.argv[1:]):
    definition = yaml.safe_load(path.read_text())["spec"]
    kind, group = definition["names"]["kind"].lower(), definition["group"].split(".")[0]
    for version in definition["versions"]:
        name = f"{kind}-{group}-{version['name']}.json"
        (path.parent / name).write_text(json.dumps(strict(version["schema"]["openAPIV3Schema"])))
