#!/bin/bash
# The programs' route tables and openapi.yaml name the same operations, both ways.
here=$(dirname "$0")
exec "$here/python" "$here/check_routes.py"
