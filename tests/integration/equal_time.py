#!/usr/bin/env python3
"""Do two requests take the same time?  equal_time.py URL PATH STATUS ONE OTHER

Posts the JSON bodies ONE and OTHER in turns, in an order by chance, SAMPLES times each after some to
warm up, and prints their mean times and the square of Welch's t between them.  A "%d" in a body is a
number that stays for four turns: so many sign-ins may fail before an account is locked.
"""

import http.client
import random
import statistics
import sys
import time
import urllib.parse

SAMPLES = 200
WARM_UP = 12


def ask(connection, path, status, body):
    """How long the answer took, in milliseconds."""
    start = time.perf_counter()
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    took = (time.perf_counter() - start) * 1000
    if answer.status != status:
        sys.exit(f"{answer.status} {said.decode()}")
    return took


def main():
    url, path, status, *bodies = sys.argv[1:]
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    times = [[], []]
    for turn in range(WARM_UP + SAMPLES):
        for which in random.sample((0, 1), 2):
            took = ask(connection, path, int(status), bodies[which].replace("%d", str(turn // 4)))
            if turn >= WARM_UP:
                times[which].append(took)
    means = [statistics.mean(some) for some in times]
    spread = sum(statistics.variance(some) / len(some) for some in times)
    t_squared = (means[0] - means[1]) ** 2 / spread
    print(f"{means[0]:.2f} ms, {means[1]:.2f} ms: t^2 = {t_squared:.2f}")


main()
