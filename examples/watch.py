#!/usr/bin/env python3
"""Prints what peers announce and withdraw: one JSON event a line comes in, one line a prefix goes to standard error."""
import json
import sys

for line in sys.stdin:
    if not line.startswith("{"):
        continue  # `done` and `error`: answers to commands
    event = json.loads(line)
    if event["type"] == "state":
        neighbor = event["neighbor"]
        print("peer", neighbor["address"]["peer"], neighbor["state"], file=sys.stderr)
    if event["type"] != "update":
        continue
    update = event["neighbor"]["message"].get("update", {})
    for family, hops in update.get("announce", {}).items():
        for hop, routes in hops.items():
            for route in routes:
                print("+", family, route["nlri"], "via", hop, file=sys.stderr)
    for family, routes in update.get("withdraw", {}).items():
        for route in routes:
            print("-", family, route["nlri"], file=sys.stderr)
