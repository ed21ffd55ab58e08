"""How a peer talks to the bench: one JSON line a request on standard input, one a reply on standard output.

The first argument is the configuration: {"threads": 2, "tables": {"lineitem": "/data/lineitem.parquet"}}.
The first line tells {"version": ...}; a peer whose memory lies in other processes than its children adds
their ids as "pids". A failure is a reply {"error": ...}; the peer goes on.
"""
import json
import math
import os
import sys
import time

config = json.loads(sys.argv[1])


def ending(path):
    """The format of a file."""
    return path.rsplit(".", 1)[-1]


def files(path):
    """A folder stands for the files in it."""
    return os.path.join(path, f"*.{ending(path)}") if os.path.isdir(path) else path


def text(value):
    """A value as it is compared: NULL stays null, numbers and dates are their text."""
    return None if value is None else str(value)


def say(reply):
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def serve(version, handlers, **extra):
    """Answers requests until standard input ends. A handler does its work before it returns the untimed rest,
    a function that gives the reply: only the former is timed."""
    say({"version": version, **extra})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            start = time.perf_counter()
            finish = handlers[request.get("op", "query")](request)
            seconds = time.perf_counter() - start
            say({"seconds": seconds, **finish()})
        except BaseException as error:
            say({"error": str(error)[:500]})


def sum_reply(count, total):
    """JSON has no NaN; nor has an answer that can be compared."""
    missing = total is None or math.isnan(float(total))
    return {"count": count, "sum": None if missing else float(total)}


def row_reply(rows):
    return {"count": len(rows), "rows": [[text(value) for value in row] for row in rows]}
