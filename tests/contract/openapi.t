#!/bin/bash
# openapi.yaml by itself: valid, complete, and true to its examples.
here=$(dirname "$0")
exec "$here/python" "$here/check_document.py"
