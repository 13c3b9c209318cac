"""A running probe (probe_main.c), a FastCGI client small enough to misbehave, and TAP."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/release"))
PATIENCE = 60  # seconds until something that should have come counts as missing

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, good, what, *told):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {what}")
        if not good:
            for line in told:
                print(f"#   {line}")
        sys.stdout.flush()

    def equal(self, got, expected, what):
        self.ok(got == expected, what, f"got:      {got!r}", f"expected: {expected!r}")

    def end(self):
        print(f"1..{self.count}")
        sys.exit(self.failed > 0)


def record(kind, content=b""):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def length(value):
    return bytes([len(value)]) if len(value) < 128 else struct.pack("!I", len(value) | 1 << 31)


def params(variables):
    pairs = b""
    for name, value in variables.items():
        name = name.encode()
        value = value if isinstance(value, bytes) else str(value).encode()
        pairs += length(name) + length(value) + name + value
    records = b""
    for at in range(0, len(pairs), 60000):
        records += record(PARAMS, pairs[at : at + 60000])
    return records + record(PARAMS)


def variables(method, target, headers=(), body=b"", address="192.0.2.1"):
    made = {"REQUEST_METHOD": method, "REQUEST_URI": target, "REMOTE_ADDR": address}
    made["CONTENT_LENGTH"] = str(len(body))
    for name, value in dict(headers).items():
        name = name.upper().replace("-", "_")
        made[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTPS") else "HTTP_" + name] = value
    return made


class Answer:
    def __init__(self, raw):
        self.raw = raw
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.headers = [tuple(line.split(": ", 1)) for line in head.decode("latin-1").split("\r\n")]
        self.status = int(self.header("Status", "0"))

    def header(self, name, otherwise=None):
        return next((v for n, v in self.headers if n.lower() == name.lower()), otherwise)

    def json(self):
        return json.loads(self.body)


class Connection:
    """One FastCGI request, sent piece by piece."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))

    def send(self, data):
        self.socket.sendall(data)

    def begin(self, made):
        self.send(record(BEGIN, struct.pack("!HB5x", 1, 0)) + params(made))

    def body(self, data=b""):
        for at in range(0, len(data), 60000):
            self.send(record(STDIN, data[at : at + 60000]))
        self.send(record(STDIN))

    def answer(self):
        data = b""
        while piece := self.socket.recv(65536):
            data += piece
        self.close()  # libfcgi waits for that, two seconds at most
        raw, at = b"", 0
        while at + 8 <= len(data):
            _, kind, _, size, padding = struct.unpack("!BBHHB", data[at : at + 7])
            if kind == STDOUT:
                raw += data[at + 8 : at + 8 + size]
            at += 8 + size + padding
        return Answer(raw)

    def close(self):
        self.socket.close()


class Probe:
    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-"))
        self.socket = self.folder / "fcgi.sock"
        self.limits = settings.pop("limits", None)
        self.environment = {
            **os.environ,
            "FCGI_SOCKET": str(self.socket),
            "PROBE_FOLDER": str(self.folder),
            "WORKERS": "4",
            **settings,
        }
        self.logs = []
        self.changed = threading.Condition()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [BUILD / "tests/probe_main"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            preexec_fn=self.limits,
        )
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.wait_log("serving")
        return self

    def run(self):
        """For one that is not expected to serve: its status."""
        program = subprocess.run(
            [BUILD / "tests/probe_main"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
        return program.returncode

    def read_log(self):
        for line in self.process.stdout:
            with self.changed:
                self.logs.append(json.loads(line))
                self.changed.notify_all()
        with self.changed:
            self.logs.append({"msg": "the log ended"})
            self.changed.notify_all()

    def wait_log(self, msg, **members):
        def found():
            for line in self.logs:
                if line["msg"] == msg and members.items() <= line.items():
                    return line
            return None

        with self.changed:
            if not self.changed.wait_for(found, PATIENCE):
                raise TimeoutError(f"no line {msg!r} {members!r} in {self.logs!r}")
            return found()

    def connect(self):
        return Connection(self.socket)

    def ask(self, method, target, headers=(), body=b"", address="192.0.2.1"):
        with contextlib.closing(self.connect()) as connection:
            connection.begin(variables(method, target, headers, body, address))
            connection.body(body)
            return connection.answer()

    def metrics(self, line):
        """Once they have LINE: a worker counts a request when the client has its answer already."""
        end = time.monotonic() + PATIENCE
        while line not in (text := self.ask("GET", "/metrics").body.decode()) and time.monotonic() < end:
            time.sleep(0.01)
        return text

    def fifo(self, name):
        path = self.folder / name
        os.mkfifo(path)
        return path

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def end(self):
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return status

    def stop(self):
        self.signal()
        return self.end()


@contextlib.contextmanager
def running(**settings):
    probe = Probe(**settings).start()
    try:
        yield probe
    finally:
        if probe.process.poll() is None:
            probe.process.kill()
            probe.process.wait()
        for file in probe.folder.iterdir():
            file.unlink()
        probe.folder.rmdir()
