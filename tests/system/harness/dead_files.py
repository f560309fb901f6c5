"""A file system that does not answer, as one of a server that is gone."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .node import Node

_SERVER = """
import ctypes, os, sys
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40755,user_id=0,group_id=0,allow_other".encode()
if ctypes.CDLL(None, use_errno=True).mount(b"nobody", sys.argv[1].encode(), b"fuse", 0, options):
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
sys.stdin.read()
"""


@contextmanager
def dead_files(node: Node, directory: str) -> Iterator[None]:
    """Within it, whoever looks into `directory` of the node waits."""
    node.run(["mkdir", "-p", directory])
    server = node.spawn(["/usr/bin/python3", "-c", _SERVER, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None and server.stdout is not None
    assert server.stdout.readline() == b"mounted\n"
    yield
    server.stdin.close()
    server.stdout.close()
