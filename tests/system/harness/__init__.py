"""Real daemons in network namespaces, seen from outside: what the system, interop and vm tests and
the demo are written with.

A `Network` is a switch and any number of `Node`s, each a set of namespaces of its own. A `Daemon`
runs Holdfast or keepalived in a node, a `Capture` sees every frame at the switch, `craft` makes
packets that no honest router sends. Everything waits for a condition with a deadline.
"""
