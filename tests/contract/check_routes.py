"""Do the programs' tables (PROGRAM --routes) and openapi.yaml name the same operations?"""

import os
import pathlib
import subprocess

from contract import ROOT, Contract, Tap

BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build/release"))
PROGRAMS = ("auth.fcgi", "items.fcgi", "notifications.fcgi")
# Answered by what all services share, on their own ports; no program's table has them.
SHARED = {"/healthz", "/readyz", "/metrics"}

tap = Tap()


def table(program):
    """{(method, path): (operation id, access)}"""
    run = subprocess.run([BUILD / program, "--routes"], check=True, capture_output=True, text=True)
    rows = (line.split() for line in run.stdout.splitlines())
    return {(method, path): (name, access) for method, path, name, access in rows}


def agrees(row, promise):
    """A program that looks at the token by itself, where there may be one, calls itself public."""
    return row == promise or row == (promise[0], "public") and promise[1] == "optional"


def access_of(operation):
    schemes = [set(scheme) for scheme in operation["security"]]
    if operation.get("x-internal"):
        return "internal"
    if not schemes:
        return "public"
    if ["admin"] in [roles for scheme in operation["security"] for roles in scheme.values()]:
        return "admin"
    return "optional" if set() in schemes else "bearer"


promised = {(method, path): (operation["operationId"], access_of(operation))
            for method, path, operation, _ in Contract().operations() if path not in SHARED}
served = {}
for program in filter(lambda program: (BUILD / program).exists(), PROGRAMS):
    routes = table(program)
    tap.ok(f"{program} has routes", [] if routes else ["none"])
    tap.ok(f"{program} serves nothing that openapi.yaml does not name",
           [f"{' '.join(key)}: {routes[key]}" for key in routes if key not in promised])
    tap.ok(f"{program} serves nothing that another program serves",
           [" ".join(key) for key in routes if key in served])
    served |= routes
tap.ok("every operation of openapi.yaml is served",
       [" ".join(key) for key in promised if key not in served])
for key in sorted(promised.keys() & served.keys()):
    tap.ok(f"{' '.join(key)} is called the same, for the same callers",
           [] if agrees(served[key], promised[key]) else [f"served {served[key]}, promised {promised[key]}"])
tap.done()
