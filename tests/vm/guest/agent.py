"""Runs in the guest, as root: carries out the commands that come over a serial line, one at a time.

A request is a line of JSON: {"argv": [...], "timeout": seconds, "input": text}. The answer is a line:
{"status": number, "output": text}, standard error included. It first says {"status": 0, "output": "ready"},
and then so on the console, for whoever wonders how far the boot came.
"""

import json
import subprocess
import sys
import tty


def carry_out(request: dict) -> dict:
    """One command, from request to answer."""
    try:
        done = subprocess.run(request["argv"], input=request["input"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=request["timeout"])
        return {"status": done.returncode, "output": done.stdout}
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"status": 255, "output": str(error)}


def main() -> None:
    with open(sys.argv[1], "rb", buffering=0) as requests, open(sys.argv[1], "wb", buffering=0) as answers:
        tty.setraw(requests.fileno())
        answers.write(json.dumps({"status": 0, "output": "ready"}).encode() + b"\n")
        print("the agent is ready", flush=True)
        buffered = b""
        while True:
            buffered += requests.read(4096)
            while b"\n" in buffered:
                line, _, buffered = buffered.partition(b"\n")
                answers.write(json.dumps(carry_out(json.loads(line))).encode() + b"\n")


main()
