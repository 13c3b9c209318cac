"""Copies Kubernetes' strict schemas from the package kubernetes-validate, each made whole: with the
definitions that it refers to, as kubeconform doesn't look for them in another file.

    bundle_schemas.py OUT VERSION...
"""
import json
import pathlib
import re
import sys

import kubernetes_validate

REFERENCE = re.compile(r'"(?:/api/_definitions\.json)?#/\$defs/([^"]+)"')
source = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
for version in sys.argv[2:]:
    folder = source / f"{version}-local-strict"
    definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
    texts = {name: json.dumps(definition) for name, definition in definitions.items()}
    out = pathlib.Path(sys.argv[1], version)
    out.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*-*.json"):
        text = file.read_text()
        schema = json.loads(text)
        if "kind" not in schema.get("properties", {}):
            continue
        needed, look_at = {}, [text]
        while look_at:
            for name in REFERENCE.findall(look_at.pop()):
                if name not in needed:
                    needed[name] = definitions[name]
                    look_at.append(texts[name])
        whole = json.dumps({**schema, "$defs": needed})
        (out / file.name).write_text(REFERENCE.sub(r'"#/$defs/\1"', whole))
