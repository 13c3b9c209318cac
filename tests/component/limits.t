#!/usr/bin/env python3
"""Limits by address and account, trusted proxies, CORS, HSTS."""

from probe import Tap, running

tap = Tap()
GOOD = {"Authorization": "Bearer good"}

with running(RATE_LIMIT_ADDRESS="3", RATE_LIMIT_ACCOUNT="2", RATE_LIMIT_EXEMPT="192.0.2.0/24") as probe:
    first = probe.ask("GET", "/echo", address="198.51.100.1")
    tap.equal(first.header("RateLimit-Policy"), '"address";q=3;w=60', "the policy is told")
    tap.equal(first.header("RateLimit"), '"address";r=2;t=20', "and what is left of it")
    statuses = [probe.ask("GET", "/nope", address="198.51.100.1").status for _ in range(3)]
    tap.equal(statuses, [404, 404, 429], "unknown paths count too")
    refused = probe.ask("GET", "/echo", address="198.51.100.1")
    tap.equal((refused.status, refused.json()["code"]), (429, "rate_limited"), "a refusal is a problem")
    tap.ok(1 <= int(refused.header("Retry-After")) <= 20, "and says when to come again")
    tap.equal(refused.header("RateLimit").split(";")[1], "r=0", "nothing is left")
    tap.equal(probe.ask("GET", "/healthz", address="198.51.100.1").status, 200, "probes are not limited")
    statuses = [probe.ask("GET", "/internal", address="198.51.100.1").status for _ in range(5)]
    tap.equal(statuses, [200] * 5, "nor is what our own services ask each other")
    statuses = [probe.ask("GET", "/internal", address="198.51.100.9").status for _ in range(5)]
    statuses += [probe.ask("GET", "/echo", address="198.51.100.9").status for _ in range(4)]
    tap.equal(statuses, [200] * 8 + [429], "which counts for nothing")
    tap.equal(probe.ask("POST", "/internal", address="198.51.100.9").status, 429, "another method does")
    tap.equal(probe.ask("GET", "/echo", address="198.51.100.2").status, 200, "nor is another address")
    statuses = [probe.ask("GET", "/echo", address=f"2001:db8:0:1::{i}").status for i in range(4)]
    tap.equal(statuses, [200, 200, 200, 429], "a /64 is one address")
    tap.equal(probe.ask("GET", "/echo", address="2001:db8:0:2::1").status, 200, "the next /64 another")

    statuses = [probe.ask("GET", "/echo").status for _ in range(5)]
    tap.equal(statuses, [200] * 5, "exempt networks are free of it")
    tap.equal(probe.ask("GET", "/echo").header("RateLimit"), None, "and get no such header")
    statuses = [probe.ask("GET", "/limited").status for _ in range(3)]
    tap.equal(statuses, [200] * 3, "free of a route's own limit too")
    statuses = [probe.ask("GET", "/bearer", GOOD).status for _ in range(3)]
    tap.equal(statuses, [200, 200, 429], "but the limit by account holds")

with running(RATE_LIMIT_ADDRESS="0") as probe:
    statuses = [probe.ask("GET", "/limited").status for _ in range(3)]
    tap.equal(statuses, [200, 200, 429], "a route's own limit")
    tap.equal(probe.ask("GET", "/echo").header("RateLimit"), None, "0 is no limit")
    spoofed = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Forwarded-Proto": "https"}
    got = probe.ask("GET", "/echo", spoofed).json()
    tap.equal((got["address"], got["secure"]), ("192.0.2.1", False), "no proxy is trusted unless told")

with running(TRUSTED_PROXIES="10.0.0.0/8, fd00::/8") as probe:
    for headers, address, secure in (
        ({}, "10.0.0.1", False),
        ({"X-Forwarded-For": "203.0.113.9"}, "203.0.113.9", False),
        ({"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.2.2.2", "X-Forwarded-Proto": "https"}, "203.0.113.9", True),
        ({"X-Forwarded-For": "6.6.6.6, evil"}, "10.0.0.1", False),
        ({"X-Forwarded-For": "10.1.1.1"}, "10.1.1.1", False),
        ({"X-Forwarded-For": "::ffff:203.0.113.9"}, "203.0.113.9", False),
        ({"X-Forwarded-For": "203.0.113.9:4711"}, "203.0.113.9", False),
        ({"X-Forwarded-For": ", " * 100 + "203.0.113.9"}, "203.0.113.9", False),
        ({"Forwarded": "for=203.0.113.9;proto=https"}, "203.0.113.9", True),
        ({"Forwarded": 'For="[2001:db8::17]:4711"'}, "2001:db8::17", False),
        ({"Forwarded": 'for=6.6.6.6, for="203.0.113.9";by="a,b;c"; proto=HTTPS, for="[fd00::1]"'}, "203.0.113.9", True),
        ({"Forwarded": "for=unknown"}, "10.0.0.1", False),
        ({"Forwarded": "for=_hidden"}, "10.0.0.1", False),
        ({"Forwarded": "for=6.6.6.6;proto=https", "X-Forwarded-For": "203.0.113.9"}, "203.0.113.9", False),
        ({"Forwarded": 'for="203.0.113.9'}, "10.0.0.1", False),
        # A quote that the client left open takes in nothing that the proxy appended.
        ({"X-Forwarded-For": '", 203.0.113.9'}, "203.0.113.9", False),
        ({"X-Forwarded-For": '6.6.6.6\\, 203.0.113.9'}, "203.0.113.9", False),
        ({"Forwarded": 'for=";proto=https, for=203.0.113.9'}, "203.0.113.9", False),
        ({"Forwarded": 'for="6.6.6.6, for="[2001:db8::17]:4711";by="a\\",b"'}, "2001:db8::17", False),
    ):
        got = probe.ask("GET", "/echo", headers, address="10.0.0.1").json()
        tap.equal((got["address"], got["secure"]), (address, secure), f"{headers}")
    got = probe.ask("GET", "/echo", {"X-Forwarded-For": "6.6.6.6"}, address="203.0.113.1").json()
    tap.equal(got["address"], "203.0.113.1", "a stranger's word is not believed")

ORIGIN = {"Origin": "https://shop.example"}
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
with running(CORS_ALLOWED_ORIGINS="https://a.example, https://shop.example", PUBLIC_URL="https://shop.example") as probe:
    got = probe.ask("GET", "/echo", ORIGIN)
    tap.equal(got.header("Access-Control-Allow-Origin"), "https://shop.example", "a page that may call")
    exposed = set(got.header("Access-Control-Expose-Headers").split(", "))
    tap.ok({"ETag", "WWW-Authenticate", "Allow"} <= exposed, f"sees our headers: {exposed}")
    tap.equal(got.header("Vary"), "Origin", "and caches are told")
    tap.equal(probe.ask("GET", "/echo").header("Vary"), "Origin", "without an Origin too")
    got = probe.ask("OPTIONS", "/echo", PREFLIGHT)
    tap.equal(got.status, 204, "a preflight")
    tap.equal(got.header("Access-Control-Allow-Methods"), "GET, HEAD, POST, PATCH, OPTIONS", "names the methods")
    tap.ok("Idempotency-Key" in got.header("Access-Control-Allow-Headers"), "and the headers")
    tap.equal(got.header("Access-Control-Max-Age"), "600", "and may be remembered")
    got = probe.ask("GET", "/nope", ORIGIN)
    tap.equal(got.header("Access-Control-Allow-Origin"), "https://shop.example", "problems may be read")
    for origin in ("https://evil.example", "https://shop.example.evil", "null", "https://a.example, https://shop.example"):
        got = probe.ask("GET", "/echo", {"Origin": origin})
        tap.equal(got.header("Access-Control-Allow-Origin"), None, f"{origin} may not")
    hsts = got.header("Strict-Transport-Security", "")
    tap.ok(hsts.startswith("max-age="), "HSTS, as the shop is served by https")

with running(CORS_ALLOWED_ORIGINS="*") as probe:
    got = probe.ask("GET", "/echo", ORIGIN)
    tap.equal(got.header("Access-Control-Allow-Origin"), "*", "all pages may call")
    tap.equal(got.header("Strict-Transport-Security"), None, "no HSTS, as the shop is served by http")

tap.end()
