#!/usr/bin/env python3
"""The probe behind lighttpd, with the settings that all services share."""

import contextlib
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from probe import BUILD, PATIENCE, ROOT, Tap

tap = Tap()
JSON = {"Content-Type": "application/json"}
UUID7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
CONF = """
server.port = env.PROBE_PORT
include "{root}/lighttpd/common.conf"
fastcgi.server = ("/down" => ((
	"socket"       => env.SHOP_RUN + "/nobody.sock",
	"check-local"  => "disable",
)), "/" => ((
	"socket"       => env.SHOP_RUN + "/probe.sock",
	"bin-path"     => env.SHOP_BIN + "/tests/probe_main",
	"max-procs"    => 1,
	"check-local"  => "disable",
	"disable-time" => 0,
)))
"""


class Server:
    def __init__(self, folder, **settings):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        conf = folder / "lighttpd.conf"
        conf.write_text(CONF.format(root=ROOT))
        environment = {
            **os.environ,
            "SHOP_BIND": "127.0.0.1",
            "SHOP_BIN": str(BUILD),
            "SHOP_CONF": str(ROOT / "lighttpd"),
            "SHOP_RUN": str(folder),
            "SHOP_TMP": str(folder),
            "PROBE_PORT": str(self.port),
            "PROBE_FOLDER": str(folder),
            **settings,
        }
        program = shutil.which("lighttpd") or "/usr/sbin/lighttpd"
        self.process = subprocess.Popen(
            [program, "-D", "-f", conf], env=environment, stderr=subprocess.PIPE, text=True
        )
        self.changed = threading.Condition()
        self.logs = []
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.wait_log("serving")

    def read_log(self):
        for line in self.process.stderr:
            if line.startswith("{"):
                with self.changed:
                    self.logs.append(json.loads(line))
                    self.changed.notify_all()

    def wait_log(self, msg, count=1):
        def found():
            return sum(line["msg"] == msg for line in self.logs) >= count

        with self.changed:
            if not self.changed.wait_for(found, PATIENCE):
                raise TimeoutError(f"no line {msg!r} in {self.logs!r}")

    def wait_line(self, request_id):
        def lines():
            return [line for line in self.logs if line.get("request_id") == request_id]

        with self.changed:
            if not self.changed.wait_for(lines, PATIENCE):
                raise TimeoutError(f"no line of {request_id!r} in {self.logs!r}")
            return lines()[0]

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def raw(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None, **more):
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, path, body, headers or {}, **more)
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer


@contextlib.contextmanager
def running(**settings):
    with tempfile.TemporaryDirectory(prefix="probe-") as name:
        server = Server(pathlib.Path(name), **settings)
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.process.terminate()
            server.process.wait(PATIENCE)


def is_problem(answer, status, code, what):
    try:
        got = (answer.status, json.loads(answer.content)["code"], answer.getheader("Content-Type"))
    except ValueError:
        got = (answer.status, answer.content, answer.getheader("Content-Type"))
    tap.equal(got, (status, code, "application/problem+json"), what)


def ordinary(server):
    answer = server.ask("GET", "/echo?a=b%20c")
    tap.equal(answer.status, 200, "GET")
    told = json.loads(answer.content)
    tap.equal((told["path"], told["query"], told["address"]), ("/echo", "a=b%20c", "127.0.0.1"), "comes as sent")
    head = server.ask("HEAD", "/resource")
    tap.equal((head.status, head.getheader("Content-Length"), head.content), (200, "10", b""), "HEAD")
    answer = server.ask("OPTIONS", "/echo")
    tap.equal((answer.status, answer.getheader("Allow")), (204, "GET, HEAD, POST, PATCH, OPTIONS"), "OPTIONS")
    answer = server.ask("GET", "/resource", headers={"If-None-Match": '"7"'})
    tap.equal((answer.status, answer.getheader("ETag"), answer.content), (304, '"7"', b""), "304")
    answer = server.ask("POST", "/echo", iter([b'{"a":', b"1}"]), JSON, encode_chunked=True)
    tap.equal(json.loads(answer.content)["body_bytes"], 7, "a chunked body")
    is_problem(server.ask("POST", "/small", b"x" * 500000, JSON), 413, "body_too_large", "413 of the program's")
    is_problem(server.ask("POST", "/echo", b"x" * (2 << 20), JSON), 413, "body_too_large", "413 of lighttpd's")
    is_problem(server.ask("DELETE", "/echo"), 405, "method_not_allowed", "405")
    is_problem(server.ask("GET", "/nope"), 404, "not_found", "404")
    is_problem(server.ask("GET", "/echo", b"{}", JSON), 400, "malformed_request", "GET with a body")
    is_problem(server.ask("GET", "/echo/../echo"), 400, "malformed_request", "dots in the path")
    is_problem(server.ask("GET", "/echo", headers={"X-Much": "y" * 102400}), 431, "headers_too_large", "100 KiB of headers")
    answer = server.ask("GET", "/header?value=a%0d%0aSet-Cookie:%20b=c")
    tap.ok(answer.getheader("Set-Cookie") is None, "no header can be smuggled in")
    tap.equal(len(server.ask("GET", "/much").content), 2 << 20, "2 MiB come whole")
    with contextlib.closing(server.connect()) as connection:
        statuses = []
        for path in ("/echo", "/nope", "/fail/ERR_INTERNAL", "/resource"):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        tap.equal(statuses, [200, 404, 500, 200], "one connection for several requests")


def without_length(server):
    start = b"POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n"

    def tell(path, headers=b"", rest=b""):
        with server.raw() as client:
            client.sendall(start % (path, headers) + rest)
            head, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
            return int(head.split()[1]), body, head.lower()

    status, body, head = tell(b"/optional?a=b", b"X-Request-Id: it\r\nRange: bytes=0-1\r\n")
    tap.equal(status, 200, "a POST that tells no length")
    told = json.loads(body)
    asked = [told[name] for name in ("method", "path", "query", "body_bytes")]
    tap.equal(asked, ["POST", "/optional", "a=b", 0], "reaches the program, without a body")
    tap.ok(b"\r\nx-request-id: it" in head, "with its headers")
    tap.ok(b"\r\nconnection: close" in head, "and ends the connection")
    for path, want in ((b"/small", 400), (b"/nope", 404), (b"/resource", 405), (b"/down", 503)):
        status, body, head = tell(path)
        got = (status, json.loads(body)["status"], b"content-type: application/problem+json" in head)
        tap.equal(got, (want, want, True), f"to {path.decode()}")
    status, body, _ = tell(b"/optional", rest=b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
    told = json.loads(body)
    tap.equal((status, told["method"], told["body_bytes"]), (200, "POST", 0), "what follows it is not taken for its body")
    chunked = b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\nConnection: close\r\n"
    status, body, _ = tell(b"/optional", chunked, b"2\r\n{}\r\n0\r\n\r\n")
    tap.equal((status, json.loads(body)["body_bytes"]), (200, 2), "a chunked body is one")
    for headers in (b"Redirect-Status: 411\r\n", b"Redirect-Request-Method: POST\r\n", b"Redirect_Request_Method: POST\r\n"):
        status = server.ask("GET", "/@error", headers=dict([headers.decode().strip().split(": ")])).status
        tap.equal(status, 404, f"a client's {headers.decode().strip()}")
        told = server.ask("GET", "/echo", headers=dict([headers.decode().strip().split(": ")]))
        tap.equal(json.loads(told.content)["method"], "GET", "changes no method")


def refusals(server):
    body = b"x" * (2 << 20)
    asked = (
        ("POST", "/echo?token=secret", body, "/echo", 413, "info"),
        ("GET", "/echo/../echo", None, "/echo/../echo", 400, "info"),
        ("GET", "/down", None, "/down", 503, "warn"),
    )
    for number, (method, path, body, shown, status, level) in enumerate(asked):
        request_id = f"refused-{number}"
        answer = server.ask(method, path, body, {"X-Request-Id": request_id})
        tap.equal(answer.getheader("X-Request-Id"), request_id, f"{status}: the request's id comes back")
        line = server.wait_line(request_id)
        told = [line[name] for name in ("msg", "service", "method", "path", "status", "level", "address")]
        tap.equal(told, ["refused", "lighttpd", method, shown, status, level, "127.0.0.1"], f"{status}: a line of its own")
        late_s = time.time() - datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")).timestamp()
        tap.ok(0 <= late_s < PATIENCE, "of the time it came")
    server.ask("GET", '/down/"\\', None, {"X-Request-Id": "quotes"})
    tap.equal(server.wait_line("quotes")["path"], '/down/"\\', "a path that JSON has to escape")
    made = [server.ask("GET", "/down", None, {"X-Request-Id": "not one"}).getheader("X-Request-Id") for _ in "12"]
    tap.ok(made[0] != made[1] and all(UUID7.fullmatch(one) for one in made), f"ids are made as well: {made}")
    tap.equal(server.wait_line(made[1])["status"], 503, "and stand in the line")
    for origin, allowed in (("https://a.example", "https://a.example"), ("https://b.example", None)):
        answer = server.ask("GET", "/down", None, {"Origin": origin})
        told = (answer.getheader("Access-Control-Allow-Origin"), answer.getheader("Vary"))
        tap.equal(told, (allowed, "Origin"), f"a page at {origin} may read it: {bool(allowed)}")
    server.ask("GET", "/nope", None, {"X-Request-Id": "after"})
    tap.equal(server.wait_line("after")["service"], "probe", "what a program refuses is told by it alone")
    tap.equal(sum(line.get("request_id") == "after" for line in server.logs), 1, "and once")


def slow_clients(server):
    writers = [server.raw() for _ in range(3)]
    for writer in writers:
        writer.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
    tap.equal(server.ask("GET", "/echo").status, 200, "with one worker: slow senders hold up nobody")
    readers = [server.raw() for _ in range(3)]
    for reader in readers:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
    tap.equal(server.ask("GET", "/echo").status, 200, "nor do clients that don't read their answer")
    for client in writers + readers:
        client.close()
    tap.equal(server.ask("GET", "/echo").status, 200, "nor do those that go")


def killed(server):
    pid = next(
        int(task.name)
        for task in pathlib.Path("/proc").iterdir()
        if task.name.isdigit() and is_child(task, server.process.pid)
    )
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while server.ask("GET", "/echo").status != 200 and time.monotonic() < deadline:
        continue
    server.wait_log("serving", 2)
    tap.equal(server.ask("GET", "/echo").status, 200, "killed, it is started again")


def is_child(task, parent):
    try:
        return int((task / "stat").read_text().rpartition(")")[2].split()[1]) == parent
    except (FileNotFoundError, ProcessLookupError):
        return False


def graceful(server):
    fifo = server.folder / "last"
    os.mkfifo(fifo)
    with contextlib.closing(server.connect()) as connection:
        connection.request("GET", "/slow/last")
        gate = open(fifo, "wb")
        server.process.send_signal(signal.SIGINT)
        with contextlib.suppress(ConnectionError):
            while True:  # until it no longer listens
                server.raw().close()
        gate.close()
        tap.equal(connection.getresponse().status, 204, "SIGINT: what runs is finished")
    tap.equal(server.process.wait(PATIENCE), 0, "and lighttpd ends with 0")
    server.wait_log("stopping")
    tap.ok(True, "after it has told the program")


with running(WORKERS="1", CORS_ALLOWED_ORIGINS="https://shop.example, https://a.example") as server:
    ordinary(server)
    without_length(server)
    refusals(server)
    slow_clients(server)
    killed(server)
    graceful(server)
tap.end()
