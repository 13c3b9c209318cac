"""A router of a sharded MongoDB, as far as `items.fcgi --migrate` asks it: says what it is, and agrees.

    router.py LOG [INDEX...]   prints its port; LOG gets each command, a line of JSON

Each INDEX is one that every collection has.
"""
import datetime
import json
import socketserver
import struct
import sys

HELLO = {"ismaster": True, "isWritablePrimary": True, "helloOk": True, "msg": "isdbgrid",
         "maxBsonObjectSize": 16 << 20, "maxMessageSizeBytes": 48 << 20, "maxWriteBatchSize": 1000,
         "minWireVersion": 0, "maxWireVersion": 17, "ok": 1.0}
DONE = {"n": 1, "nModified": 1, "ok": 1.0}
# No document needs to be brought up to date; what was to be done for a day was begun right now.
FOUND = {"cursor": {"id": 0, "ns": "shop.backfills",
                    "firstBatch": [{"_id": "", "after": "", "done": True, "at": datetime.datetime.now()}]}, "ok": 1.0}
NOTHING = {"cursor": {"id": 0, "ns": "shop.items", "firstBatch": []}, "ok": 1.0}
INDEXES = {"cursor": {"id": 0, "ns": "shop.items", "firstBatch": [{"name": name} for name in sys.argv[2:]]}, "ok": 1.0}
ANSWERS = {"hello": HELLO, "isMaster": HELLO, "ismaster": HELLO, "find": NOTHING, "listIndexes": INDEXES}


def answer_to(command):
    if command.get("find") == "backfills":
        return FOUND
    return ANSWERS.get(next(iter(command)), DONE)


def encode(document):
    body = b""
    for name, value in document.items():
        kind, data = {
            bool: lambda v: (8, bytes([v])),
            int: lambda v: (16, struct.pack("<i", v)),
            float: lambda v: (1, struct.pack("<d", v)),
            dict: lambda v: (3, encode(v)),
            list: lambda v: (4, encode({str(at): one for at, one in enumerate(v)})),
            datetime.datetime: lambda v: (9, struct.pack("<q", int(v.timestamp() * 1000))),
            str: lambda v: (2, struct.pack("<i", len(v.encode()) + 1) + v.encode() + b"\0"),
        }[type(value)](value)
        body += bytes([kind]) + name.encode() + b"\0" + data
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def decode(data):
    """Of the types that commands hold; the order of the fields stays."""
    document, at = {}, 4
    while data[at]:
        kind, end = data[at], data.index(b"\0", at + 1)
        name, at = data[at + 1:end].decode(), end + 1
        if kind == 2:
            size = struct.unpack_from("<i", data, at)[0]
            document[name], at = data[at + 4:at + 3 + size].decode(), at + 4 + size
        elif kind in (3, 4):
            size = struct.unpack_from("<i", data, at)[0]
            document[name], at = decode(data[at:at + size]), at + size
        else:
            form = {1: "<d", 8: "<?", 16: "<i", 18: "<q", 9: "<q", 17: "<q"}[kind]
            document[name], at = struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    return document


class Router(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.rfile.read(16):
            length, request, _, operation = struct.unpack("<iiii", head)
            body = self.rfile.read(length - 16)
            if operation == 2004:  # the old form, in which libmongoc introduces itself
                answer, code = struct.pack("<iqii", 8, 0, 0, 1) + encode(HELLO), 1
            else:
                command = decode(body[5:])
                with open(sys.argv[1], "a", encoding="utf-8") as log:
                    log.write(json.dumps(command) + "\n")
                answer, code = struct.pack("<iB", 0, 0) + encode(answer_to(command)), 2013
            self.wfile.write(struct.pack("<iiii", 16 + len(answer), 0, request, code) + answer)


socketserver.ThreadingTCPServer.daemon_threads = True
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Router) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
