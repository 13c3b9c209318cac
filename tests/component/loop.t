#!/usr/bin/env python3
"""The FastCGI loop: no client holds up another, and the end is graceful."""

import os
import resource
import signal
import stat

from probe import Probe, Tap, record, running, variables

tap = Tap()

with running(WORKERS="2") as probe:
    mode = probe.socket.stat().st_mode
    tap.equal(stat.S_IMODE(mode), 0o660, "the socket is for its group alone")

    fifo = probe.fifo("one")
    slow = probe.connect()
    slow.begin(variables("GET", "/slow/one"))
    slow.body()
    gate = open(fifo, "wb")  # returns once the handler waits for us
    answers = [probe.ask("GET", "/echo").status for _ in range(20)]
    tap.equal(answers, [200] * 20, "while one request waits, others are answered")
    gate.close()
    tap.equal(slow.answer().status, 204, "and it is answered in its turn")

    silent = probe.connect()
    tap.equal(probe.ask("GET", "/echo").status, 200, "a silent connection holds up nobody")
    half = probe.connect()
    half.send(record(1)[:5])
    half.close()
    tap.equal(probe.ask("GET", "/echo").status, 200, "nor does one that ends inside a record")
    silent.close()

    for what, sent in (
        ("nothing", b""),
        ("its begin", record(1, b"\0\1\0\0\0\0\0\0")),
        ("a part of its parameters", record(1, b"\0\1\0\0\0\0\0\0") + record(4, b"\x0e\x03REQ")),
        ("garbage", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ):
        connection = probe.connect()
        connection.send(sent)
        connection.close()
        tap.equal(probe.ask("GET", "/echo").status, 200, f"a client that sends {what} and goes")

    connection = probe.connect()
    made = variables("POST", "/echo", {"Content-Type": "application/json", "X-Request-Id": "cut"})
    made["CONTENT_LENGTH"] = "100"
    connection.begin(made)
    connection.send(record(5, b'{"half":'))
    connection.close()
    line = probe.wait_log("request", request_id="cut")
    tap.equal(line["status"], 400, "a client that goes inside its body")
    tap.equal(probe.ask("GET", "/echo").status, 200, "and the next one is served")

    connection = probe.connect()
    connection.begin(variables("GET", "/much", {"X-Request-Id": "gone"}))
    connection.body()
    connection.close()
    probe.wait_log("request", request_id="gone")
    tap.equal(probe.ask("GET", "/echo").status, 200, "a client that goes before its 2 MiB answer")
    tap.equal(len(probe.ask("GET", "/much").body), 2 << 20, "2 MiB come whole")
    tap.equal(probe.stop(), 0, "SIGTERM ends it with 0")

for number in (signal.SIGTERM, signal.SIGINT):
    with running(WORKERS="2") as probe:
        fifos = [probe.fifo(name) for name in ("one", "two")]
        asked = []
        for name in ("one", "two"):
            asked.append(probe.connect())
            asked[-1].begin(variables("GET", f"/slow/{name}"))
            asked[-1].body()
        gates = [open(fifo, "wb") for fifo in fifos]
        waiting = probe.connect()  # in the backlog: both workers are busy
        waiting.begin(variables("GET", "/echo"))
        waiting.body()
        probe.signal(number)
        probe.wait_log("stopping", signal=number.name)
        refused = False
        while not refused:  # until the socket is shut, connections are taken, and answered too
            try:
                probe.connect().close()
            except (ConnectionRefusedError, BlockingIOError):
                refused = True
        tap.ok(refused, f"{number.name}: no new connection is taken")
        tap.ok(probe.process.poll() is None, "it waits for what runs")
        for gate in gates:
            gate.close()
        tap.equal([c.answer().status for c in asked], [204, 204], "what ran is finished")
        tap.equal(waiting.answer().status, 200, "what was connected is answered")
        tap.equal(probe.end(), 0, "and then it ends with 0")

with running(SHUTDOWN_TIMEOUT="1") as probe:
    fifo = probe.fifo("stuck")
    stuck = probe.connect()
    stuck.begin(variables("GET", "/slow/stuck"))
    stuck.body()
    gate = open(fifo, "wb")
    probe.signal()
    tap.equal(probe.end(), 69, "what does not end in time is left, with a status that says so")
    gate.close()

FEW = 24


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, FEW))


with running(WORKERS="1", limits=few_descriptors) as probe:
    held = {int(fd) for fd in os.listdir(f"/proc/{probe.process.pid}/fd")}
    free = next(fd for fd in range(FEW) if fd not in held)
    resource.prlimit(probe.process.pid, resource.RLIMIT_NOFILE, (free, FEW))
    # An accept that waits has its descriptor already, so the worker serves once more.
    asked = [probe.connect() for _ in range(3)]
    for connection in asked:
        connection.begin(variables("GET", "/echo"))
        connection.body()
    line = probe.wait_log("accept failed")
    tap.equal(line["errno"], 24, "out of descriptors: it says so and goes on")
    resource.prlimit(probe.process.pid, resource.RLIMIT_NOFILE, (FEW, FEW))
    statuses = [connection.answer().status for connection in asked]
    tap.equal(statuses, [200] * 3, "and serves as soon as there are some")
    tap.equal(probe.ask("GET", "/echo").status, 200, "and goes on serving")

with running() as probe:
    probe.process.kill()
    probe.process.wait()
    again = Probe()
    again.environment["FCGI_SOCKET"] = str(probe.socket)
    again.start()
    again.socket = probe.socket
    tap.equal(again.ask("GET", "/echo").status, 200, "a socket that nobody answers is replaced")
    third = Probe()
    third.environment["FCGI_SOCKET"] = str(probe.socket)
    tap.equal(third.run(), 78, "one that is in use is not")
    tap.equal(again.ask("GET", "/echo").status, 200, "and its owner goes on")
    again.stop()
    plain = probe.folder / "file"
    plain.write_text("precious")
    third.environment["FCGI_SOCKET"] = str(plain)
    tap.equal(third.run(), 78, "a file that is no socket is left alone")
    tap.equal(plain.read_text(), "precious", "with what it holds")

tap.end()
