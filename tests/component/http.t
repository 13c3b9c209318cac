#!/usr/bin/env python3
"""Requests and answers: paths, methods, bodies, tokens, headers, problems."""

from probe import Tap, running

tap = Tap()
JSON = {"Content-Type": "application/json"}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def is_problem(answer, status, code, what):
    body = answer.json() if answer.body else {}
    got = (answer.status, body.get("code"), body.get("status"), body.get("type"))
    tap.equal(got, (status, code, status, f"/problems/{code}"), what)
    rest = (
        answer.header("Content-Type") == "application/problem+json"
        and answer.header("X-Request-Id") == body.get("request_id")
        and answer.header("Content-Length") == str(len(answer.body))
        and all(answer.header(name) == value for name, value in EVERYWHERE.items())
    )
    tap.ok(rest, f"{what}: with all its headers", answer.raw)


def story(probe):
    # Paths and methods
    for path in ("/nope", "/echo/", "//echo", "/", "/echo/a/b", "/echo/%zz", "/echo/%00", "/echo/%ff", "*", ""):
        is_problem(probe.ask("GET", path), 404, "not_found", f"GET {path or 'nothing'}")
    is_problem(probe.ask("GET", "/echo?" + "a" * 9000), 414, "uri_too_long", "a long address")
    for method in ("DELETE", "PUT", "BREW", "get"):
        answer = probe.ask(method, "/echo")
        is_problem(answer, 405, "method_not_allowed", f"{method} /echo")
        tap.equal(answer.header("Allow"), "GET, HEAD, POST, PATCH, OPTIONS", "Allow names what there is")
    tap.equal(probe.ask("POST", "/small", JSON, b"{}").json()["path"], "/small", "a literal path")
    tap.equal(probe.ask("GET", "/echo/a%2Fb%20c").json()["param"], "a/b c", "a parameter is decoded, slashes in it")
    tap.equal(probe.ask("GET", "http://x.example/echo?a=b").json()["query"], "a=b", "an absolute address")

    answer = probe.ask("OPTIONS", "/echo")
    tap.equal((answer.status, answer.body), (204, b""), "OPTIONS")
    tap.equal(answer.header("Allow"), "GET, HEAD, POST, PATCH, OPTIONS", "names the methods")
    tap.equal(answer.header("Content-Length"), None, "204 has no length")
    tap.equal(answer.header("Access-Control-Allow-Origin"), None, "no CORS unless it was set")

    answer, head = probe.ask("GET", "/resource"), probe.ask("HEAD", "/resource")
    tap.equal((head.status, head.body), (200, b""), "HEAD has no body")
    tap.equal(head.header("Content-Length"), str(len(answer.body)), "and the length that GET has")
    chosen = [value for name, value in answer.headers if name == "Cache-Control"]
    tap.equal(chosen, ["public, max-age=60"], "a handler may choose its Cache-Control")
    for tags in ('"7"', 'W/"7"', '"1", "7"', "*"):
        got = probe.ask("GET", "/resource", {"If-None-Match": tags})
        tap.equal((got.status, got.body, got.header("ETag")), (304, b"", '"7"'), f"If-None-Match: {tags}")
    for tags in ('"8"', "7", '"7', "", 'W/"8"'):
        tap.equal(probe.ask("GET", "/resource", {"If-None-Match": tags}).status, 200, f"If-None-Match: {tags}")

    # Bodies
    is_problem(probe.ask("GET", "/echo", JSON, b"{}"), 415, "unsupported_media_type", "GET with a body")
    is_problem(probe.ask("GET", "/echo", {}, b"{}"), 400, "malformed_request", "and without its type")
    is_problem(probe.ask("POST", "/echo", JSON, b""), 400, "malformed_request", "POST without the body")
    is_problem(probe.ask("POST", "/echo", {}, b"{}"), 415, "unsupported_media_type", "without a type")
    for kind in ("text/plain", "application/jsonx", "application/json; charset=latin1", "application/merge-patch+json"):
        got = probe.ask("POST", "/echo", {"Content-Type": kind}, b"{}")
        is_problem(got, 415, "unsupported_media_type", f"Content-Type: {kind}")
    for kind in ("application/json", "Application/JSON; Charset=UTF-8", 'application/json;charset="utf-8"', "application/json; a=b"):
        tap.equal(probe.ask("POST", "/echo", {"Content-Type": kind}, b"{}").status, 200, f"Content-Type: {kind}")
    kind = {"Content-Type": "application/merge-patch+json"}
    tap.equal(probe.ask("PATCH", "/echo", kind, b"{}").status, 200, "a merge patch, where it is taken")
    tap.equal(probe.ask("POST", "/optional", {}, b"").status, 200, "no body, where it is optional")
    tap.equal(probe.ask("POST", "/small", JSON, b"x" * 1024).json()["body_bytes"], 1024, "a body of just the size")
    is_problem(probe.ask("POST", "/small", JSON, b"x" * 1025), 413, "body_too_large", "one more byte")
    is_problem(probe.ask("POST", "/echo", JSON, b"x" * (2 << 20)), 413, "body_too_large", "2 MiB")
    for length in ("-1", "x", "1e3", "0x10", " 1"):
        got = probe.ask("POST", "/echo", {**JSON, "Content-Length": length}, b"")
        is_problem(got, 400, "malformed_request", f"Content-Length: {length}")
    got = probe.ask("POST", "/echo", {**JSON, "Content-Length": "9" * 30}, b"")
    is_problem(got, 413, "body_too_large", "a length that no number holds")
    is_problem(probe.ask("POST", "/echo", {**JSON, "Content-Length": "5"}, b"{}"), 400, "malformed_request", "a short body")

    for body in (b"{", b'{"name":"a"} x', b'{"name":"a","name":"b"}', b'{"name":"\xff"}', b"\xef\xbb\xbf{}", b"[" * 100000):
        is_problem(probe.ask("POST", "/object", JSON, body), 400, "malformed_request", f"{body[:30]}")
    for body, faults in (
        (b"[]", [("", "wrong_type")]),
        (b"{}", [("/name", "required")]),
        (b'{"name":null}', [("/name", "wrong_type")]),
        (b'{"name":7,"a/b":1,"c~d":2}', [("/name", "wrong_type"), ("/a~1b", "unknown_field"), ("/c~0d", "unknown_field")]),
        (b'{"name":""}', [("/name", "too_short")]),
        (b'{"name":"' + "é".encode() * 11 + b'"}', [("/name", "too_long")]),
        (b'{"name":"a\\u0000b"}', [("/name", "bad_format")]),
        (b'{"name":"a\\nb"}', [("/name", "bad_format")]),
    ):
        got = probe.ask("POST", "/object", JSON, body)
        is_problem(got, 422, "validation_failed", f"{body}")
        tap.equal([(e["pointer"], e["code"]) for e in got.json()["errors"]], faults, "each fault by its place")
    tap.equal(probe.ask("POST", "/object", JSON, '{"name":"éééééééééé"}'.encode()).status, 204, "what is right")

    # Tokens
    def token(value):
        return {"Authorization": value}

    for path in ("/bearer", "/admin"):
        got = probe.ask("GET", path)
        is_problem(got, 401, "missing_token", f"{path} without a token")
        tap.equal(got.header("WWW-Authenticate"), 'Bearer realm="shop"', "says what it wants")
        is_problem(probe.ask("GET", path, token("Basic YTpi")), 401, "missing_token", f"{path} with another scheme")
        for value in ("Bearer", "Bearer ", "Bearer a b", "Bearer wrong", "Bearer g\u00f6od", "bearer good,x"):
            got = probe.ask("GET", path, token(value))
            is_problem(got, 401, "invalid_token", f"{path} with {value!r}")
            tap.ok('error="invalid_token"' in got.header("WWW-Authenticate", ""), "says why")
    is_problem(probe.ask("GET", "/bearer", token("Bearer away")), 503, "unavailable", "a token nobody can check")
    is_problem(probe.ask("GET", "/admin", token("Bearer good")), 403, "forbidden", "a customer at an admin's door")
    tap.equal(probe.ask("GET", "/admin", token("BEARER  admin")).status, 200, "an admin")
    tap.ok(probe.ask("GET", "/bearer", token("Bearer good")).json()["user"], "a customer")
    tap.equal(probe.ask("GET", "/optional").json()["user"], None, "nobody, where it may be nobody")
    is_problem(probe.ask("GET", "/optional", token("Bearer wrong")), 401, "invalid_token", "but not with a bad token")
    tap.equal(probe.ask("GET", "/echo", token("Bearer wrong")).status, 200, "where all are let in no token is looked at")

    # Errors of ours
    for error in ("ERR_INTERNAL", "ERR_MEMORY", "ERR_CORRUPT", "ERR_CONFIG"):
        got = probe.ask("GET", f"/fail/{error}", {"X-Request-Id": error})
        is_problem(got, 500, "internal", error)
        tap.ok(b"secret" not in got.body, "shows nothing of it")
        tap.equal(probe.wait_log("request", request_id=error)["detail"], "secret detail", "the log has it")
    is_problem(probe.ask("GET", "/fail/ERR_OK"), 500, "internal", "a handler that forgets to answer")
    got = probe.ask("GET", "/fail/ERR_DEADLINE")
    is_problem(got, 503, "unavailable", "a store that is slow")
    tap.equal(got.header("Retry-After"), "1", "says when to come again")

    # Headers
    for value in ("a%0D%0ASet-Cookie:%20x=y", "a%0Ab", "a%0Db", "%7f"):
        got = probe.ask("GET", f"/header?value={value}")
        is_problem(got, 500, "internal", f"a header of {value}")
        tap.ok(b"Set-Cookie" not in got.raw, "is no second header")
    tap.equal(probe.ask("GET", "/header?value=a%20b").header("X-Chosen"), "a b", "a header of harmless text")
    for given in ("abc-DEF_1.2~3", "x" * 128):
        tap.equal(probe.ask("GET", "/echo", {"X-Request-Id": given}).header("X-Request-Id"), given, "X-Request-Id is echoed")
    for given in ("", "a b", "a\r\nX-Evil: 1", "ä", "x" * 129, "<script>"):
        got = probe.ask("GET", "/echo", {"X-Request-Id": given})
        tap.ok(len(got.header("X-Request-Id")) == 36, f"an id is made instead of {given[:20]!r}", got.raw)
        tap.ok(b"X-Evil" not in got.raw, "and nothing of it is told")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    got = probe.ask("GET", "/echo", {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    tap.equal(got.json()["trace_id"], trace, "a trace is continued")
    tap.ok(probe.ask("GET", "/echo", {"traceparent": "junk"}).json()["trace_id"] != trace, "or made")
    got = probe.ask("GET", "/echo", {"User-Agent": b"a\xff\x01" + "é".encode() * 300})
    tap.equal(got.json()["user_agent"], "a??" + "é" * 126, "a bent User-Agent is made good, and cut")
    headers = {f"X-Much-{i}": "y" * 1000 for i in range(100)}
    tap.equal(probe.ask("GET", "/echo", headers).status, 200, "100 KiB of headers, past lighttpd")
    is_problem(probe.ask("GET", "/echo", {"X-Much": "y" * (5 << 20)}), 431, "headers_too_large", "5 MiB of headers")
    tap.equal(probe.ask("GET", "/echo").status, 200, "and the next request is served")

    # Probes
    tap.equal(probe.ask("GET", "/healthz").json(), {"status": "ok"}, "alive")
    tap.equal(
        probe.ask("GET", "/readyz").json(),
        {"status": "ok", "checks": [{"name": "folder", "ok": True}]},
        "ready",
    )
    is_problem(probe.ask("POST", "/healthz", JSON, b"{}"), 405, "method_not_allowed", "POST /healthz")
    alone = "shop_http_requests_in_flight 1\n"
    text = probe.metrics(alone)
    for line in (
        'shop_build_info{service="probe",version="1.0.0"} 1',
        'shop_http_requests_total{route="admin",method="GET",status="403"} 1',
        'shop_http_request_duration_seconds_bucket{route="admin",method="GET",le="+Inf"}',
        alone,
        'route="unmatched"',
    ):
        tap.ok(line in text, f"metrics have {line.strip()}")
    line = probe.wait_log("request", route="admin", status=200)
    tap.equal(line["user_id"], "01900000-0000-7000-8000-000000000001", "the log names the user")
    tap.ok(not any("value=" in str(line) for line in probe.logs), "and never a query string")


with running() as probe:
    story(probe)
tap.end()
