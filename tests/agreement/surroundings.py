"""What a configuration expects to find on its machine: interfaces, scripts, users, network namespaces."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_NAME = r"[^\s{}#!\"']+"
_INTERFACE = re.compile(
    rf"^\s*(?:@\^?\w+\s+)*(?:interface|default_interface|bind_if|lvs_sync_daemon|lvs_sync_daemon_interface)\s+({_NAME})", re.M)
_DEVICE = re.compile(rf"\b(?:dev|iif|oif)\s+({_NAME})")
_INTERFACES = re.compile(
    r"^\s*(?:track_interface|interfaces|interface_up_down_delays|linkbeat_interfaces)\s*\{([^}]*)\}", re.M)
_COMMAND = re.compile(
    r"^\s*(?:script|misc_path|startup_script|shutdown_script|quorum_up|quorum_down|notify(?:_(?!fifo\b)\w+)?"
    r"|\w+_notify_fifo_script)\s+(?P<quote>[\"']?)(?P<path>[^\s\"']+)(?(quote)[^\"'\n]*[\"']?)(?P<user>[^#!\n]*)", re.M)
_USER = re.compile(r"^\s*(?:script_user|user)\s+(.*?)\s*$", re.M)
_NAMESPACE = re.compile(rf"^\s*(?:@\^?\w+\s+)*net_namespace(?:_ipvs)?\s+({_NAME})", re.M)
_PEM = re.compile(r"^\s*(?:ca|certificate|key)\s+(/[\w./-]+\.(?:pem|key))\s*$", re.M)
_DEFINITION = re.compile(r"^\s*\$(\w+)\s*=\s*(.*?)\s*$", re.M)
_IFNAMSIZ = 15

_PEM_CONTENT = "-----BEGIN CERTIFICATE-----\\n-----BEGIN PRIVATE KEY-----\\n"
_SCRIPT = "#!/bin/sh\nexit 0\n"

# Runs as the first process of new namespaces, with the path of a directory to cover: the whole file
# system again, with a layer on top that takes what is made here and is gone at the end.
_LAYER = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --rbind /dev dev
umask 022
"""


@dataclass(frozen=True)
class Surroundings:
    """What is made before a checker runs."""

    interfaces: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    users: tuple[tuple[str, str], ...] = ()
    namespaces: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Certificates and keys."""

    def command(self, kept: Sequence[Path], cover: Path, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` in these surroundings, as process 1 of namespaces of its own:
        keepalived 2.2.7 sends itself SIGTERM where a script has a user of its own, which would hide its
        answer from everybody else. The directories `kept` are there as they are, writable by nobody."""
        return ["unshare", "--net", "--pid", "--mount", "--fork", "--kill-child=KILL",
                "sh", "-c", "\n".join([_LAYER, *self._steps(kept), 'shift; exec chroot . "$@" < /dev/null']),
                "sh", str(cover), *argv]

    def _steps(self, kept: Sequence[Path]) -> Iterator[str]:
        for directory in kept:
            inside = shlex.quote(str(directory).lstrip("/"))
            yield f"mkdir -p {inside}; mount --bind {shlex.quote(str(directory))} {inside}"
        scripts = [shlex.quote(script.lstrip("/")) for script in self.scripts]
        if scripts:
            yield f"mkdir -p $(dirname {' '.join(scripts)})"
            for script in scripts:
                yield f"[ -e {script} ] || printf {shlex.quote(_SCRIPT)} > {script}"
            yield f"chmod 0755 {' '.join(scripts)}"
        for number, (user, group) in enumerate(self.users, 2000):
            yield f"grep -q '^{group}:' etc/group || echo '{group}:x:{number}:' >> etc/group"
            yield f"grep -q '^{user}:' etc/passwd || echo '{user}:x:{number}:{number}::/:/bin/sh' >> etc/passwd"
        for key in (shlex.quote(key.lstrip("/")) for key in self.keys):
            yield f"mkdir -p $(dirname {key}); [ -e {key} ] || printf -- {shlex.quote(_PEM_CONTENT)} > {key}"
        if self.namespaces:
            yield "mkdir -p /run/netns"
        links = " ".join(f"link add name {name} type bridge\\n" for name in self.interfaces)
        if links:
            yield f"printf {shlex.quote(links)} | ip -batch -"
        for namespace in self.namespaces:
            yield f"chroot . ip netns add {namespace}"
            if links:
                yield f"printf {shlex.quote(links)} | chroot . ip -netns {namespace} -batch -"


def _lines_without_comments(text: str) -> str:
    return re.sub(r"[#!].*", "", text)


def _pair(words: list[str]) -> tuple[str, str]:
    return words[0], words[1] if len(words) > 1 else words[0]


def named_in(text: str, path: Path) -> Surroundings:
    """What the text names and somebody's machine had. `$NAME` is looked up in the text's definitions."""
    text = _lines_without_comments(text)
    definitions = dict(_DEFINITION.findall(text)) | {"_PWD": str(path.parent)}

    def expand(word: str) -> str:
        return re.sub(r"\$\{?(\w+)\}?", lambda match: definitions.get(match[1], match[0]), word)

    interfaces = {*_INTERFACE.findall(text), *_DEVICE.findall(text)}
    for block in _INTERFACES.findall(text):
        interfaces |= {line.split()[0] for line in block.splitlines() if line.split()}
    commands = list(_COMMAND.finditer(text))
    users = [words.split() for words in _USER.findall(text)] + [match["user"].split() for match in commands]
    return Surroundings(
        tuple(sorted(name for name in set(map(expand, interfaces))
                     if re.fullmatch(rf"[\w.@<>-]{{1,{_IFNAMSIZ}}}", name) and name != "lo")),
        tuple(sorted({script for script in (expand(match["path"]) for match in commands)
                      if re.fullmatch(r"/[\w./-]+[\w]", script) and not script.startswith(str(path.parent))})),
        tuple(sorted({_pair(words) for words in users if words and re.fullmatch(r"[a-z]\w*", words[0])})),
        tuple(sorted({name for name in map(expand, _NAMESPACE.findall(text)) if re.fullmatch(r"\w+", name)})),
        tuple(sorted(set(_PEM.findall(text)))))
