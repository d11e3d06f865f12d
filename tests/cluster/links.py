"""A network namespace that is linked to this machine, as another machine is by a cable that can be cut."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Link:
    """The namespace's name, and the addresses at this machine's end of the link and at the other."""

    namespace: str
    near: str
    far: str

    @property
    def within(self) -> list[str]:
        """The beginning of a command that runs in the namespace."""
        return ["ip", "netns", "exec", self.namespace]

    def cut(self) -> None:
        """Let no packet through; both ends notice nothing but silence."""
        _ip("link", "set", _device(0), "down")

    def join(self) -> None:
        """Let packets through again."""
        _ip("link", "set", _device(0), "up")


@contextlib.contextmanager
def linked() -> Iterator[Link]:
    """Make a namespace, and remove it at the end.

    Raises:
        CalledProcessError: The system refuses it.
    """
    network = f"10.77.{os.getpid() % 250}"  # in no use by another process of these tests
    link = Link(namespace=f"naivenet-{os.getpid()}", near=f"{network}.1", far=f"{network}.2")
    _ip("netns", "add", link.namespace)
    try:
        _ip("link", "add", _device(0), "type", "veth", "peer", "name", _device(1), "netns", link.namespace)
        _ip("address", "add", f"{link.near}/24", "dev", _device(0))
        _ip("link", "set", _device(0), "up")
        for command in (f"address add {link.far}/24 dev {_device(1)}", f"link set {_device(1)} up", "link set lo up"):
            _ip("-n", link.namespace, *command.split())
        _ip("-n", link.namespace, "route", "add", "default", "via", link.near)
        yield link
    finally:
        _ip("netns", "delete", link.namespace)  # and with it both ends of the link


def _device(end: int) -> str:
    return f"nn{os.getpid()}-{end}"  # a device's name has at most 15 characters


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
