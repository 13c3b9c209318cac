"""What becomes of log lines on their way to Elasticsearch, as helm/logging/files say it.

    log_documents.py LOG... >DOCUMENTS

Takes the lines of local logs through the parsers and filters of fluent-bit.yaml, as Fluent Bit documents
what it does with each, and holds what comes out against the mappings of index-template.json: a type that
a field can't take is what Elasticsearch refuses a document for.  Prints the documents, a line each;
what is wrong goes to standard error.  The sources' own fields are looked at, too, for one name with
two types.
"""
import datetime
import ipaddress
import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ROOT / "helm/logging/files"
CONFIG = yaml.safe_load((FILES / "fluent-bit.yaml").read_text())
TEMPLATE = json.loads((FILES / "index-template.json").read_text())["template"]
MAPPINGS = TEMPLATE["mappings"]
PARSERS = {parser["name"]: parser for parser in CONFIG["parsers"]}
KNOWN = {"parser": {"name", "match", "key_name", "parser", "reserve_data"},
         "modify": {"name", "match", "remove", "rename", "copy", "add"}}


# --- Fluent Bit -----------------------------------------------------------------------------------


def time_of(text, time_format):
    """%L is a fraction of a second there, of up to nine digits."""
    try:
        return datetime.datetime.strptime(text, time_format.replace("%L", "%f"))
    except ValueError:
        return None


def parse(parser, text):
    """The members that a parser finds, and the time; None when the text is not of its form."""
    if parser["format"] == "json":
        try:
            members = json.loads(text)
        except ValueError:
            return None
        if not isinstance(members, dict):
            return None
    else:
        found = re.search(parser["regex"].replace("(?<", "(?P<"), text)
        if not found:
            return None
        members = found.groupdict()
    at = None
    if "time_key" in parser and parser["time_key"] in members:
        at = time_of(members[parser["time_key"]], parser["time_format"])
        if at is None:
            raise ValueError(f"no time by {parser['time_format']}: {text}")
        del members[parser["time_key"]]
    return members, at


def filter_parser(settings, record):
    text = record.get(settings["key_name"])
    parsed = parse(PARSERS[settings["parser"]], text) if isinstance(text, str) else None
    if not parsed:
        return
    members, at = parsed
    del record[settings["key_name"]]
    record.update({**members, "@timestamp": at or record["@timestamp"]})


def filter_modify(settings, record):
    """Rules in the order of the file."""
    for rule, arguments in settings.items():
        for argument in arguments if isinstance(arguments, list) else []:
            name, _, other = argument.partition(" ")
            if rule == "remove":
                record.pop(name, None)
            elif rule == "add":
                record.setdefault(name, other)
            elif name in record and other not in record:
                record[other] = record[name] if rule == "copy" else record.pop(name)


def document_of(path, text):
    """Of a line that the kubelet wrote; its own time is that of the epoch here."""
    record = {"file": path, "log": text, "stream": "stdout", "_p": "F",
              "@timestamp": datetime.datetime(1970, 1, 1)}
    for settings in CONFIG["pipeline"]["filters"]:
        assert settings.keys() <= KNOWN[settings["name"]], settings
        {"parser": filter_parser, "modify": filter_modify}[settings["name"]](settings, record)
    record["@timestamp"] = record["@timestamp"].isoformat(timespec="milliseconds") + "Z"
    return record


# --- Elasticsearch --------------------------------------------------------------------------------


def is_integer(value, bits):
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        value = int(value)
    return type(value) is int and -(1 << bits - 1) <= value < 1 << bits - 1


def is_address(value):
    try:
        return bool(ipaddress.ip_address(value))
    except ValueError:
        return False


ACCEPTS = {
    "keyword": lambda value: isinstance(value, (str, int, float, bool)),
    "text": lambda value: isinstance(value, (str, int, float, bool)),
    "wildcard": lambda value: isinstance(value, str),
    "short": lambda value: is_integer(value, 16),
    "long": lambda value: is_integer(value, 64),
    "boolean": lambda value: isinstance(value, bool),
    "date": lambda value: time_of(value, "%Y-%m-%dT%H:%M:%S.%LZ") is not None,
    "ip": is_address,
    "object": lambda value: isinstance(value, dict),
}
DYNAMIC = {str: "keyword", int: "long", float: "long", bool: "boolean", dict: "object"}
types = {name: mapping["type"] for name, mapping in MAPPINGS["properties"].items()}


def faults_of(document):
    for name, value in document.items():
        if value is None:
            continue
        mapped = types.setdefault(name, DYNAMIC[type(value)])
        if not ACCEPTS[mapped](value):
            yield f"{name} is {mapped}, and can't be {json.dumps(value)}: {json.dumps(document)}"
        if mapped == "keyword" and isinstance(value, str) and len(value) > 1024:
            yield f"{name} is too long to be found: {json.dumps(document)}"


def sources_faults():
    """A name that is a text here and a number there, unless the template says what it is."""
    seen = {}
    for path in sorted(ROOT.glob("*/**/*.c")):
        if path.relative_to(ROOT).parts[0] in ("shared", "fcgi", "notifier"):
            for kind, name in re.findall(r'LOG_(TEXT|INT|BOOL)\("(\w+)"', path.read_text()):
                seen.setdefault(name, set()).add(kind)
    for name, kinds in seen.items():
        mapped = MAPPINGS["properties"].get(name, {}).get("type")
        if len(kinds) > 1 and mapped not in ("keyword", "text"):
            yield f"{name} is of several types in the sources: {', '.join(sorted(kinds))}"
        if "TEXT" in kinds and mapped in ("short", "long"):
            yield f"{name} is a text in the sources, and {mapped} in the template"


def main(logs):
    faults = list(sources_faults())
    for log in map(pathlib.Path, logs):
        path = f"/var/log/containers/shop-{log.stem}-7c9f_shop_{log.stem}-{'0' * 64}.log"
        for text in log.read_text(errors="replace").splitlines():
            document = document_of(path, text)
            faults += faults_of(document)
            print(json.dumps(document))
    if len(types) > TEMPLATE["settings"]["index.mapping.total_fields.limit"]:
        faults.append(f"{len(types)} fields")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
