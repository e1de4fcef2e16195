"""Several processes that train one decoder together, as ``torchrun`` starts them."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

from captioner.config import Device
from captioner.devices import choose_device
from captioner.errors import TrainingRunError
from captioner.training.stages import ALONE, World

# A paused run waits inside a message. One whose partner has died is told at once, since its connection breaks.
TIMEOUT = timedelta(days=7)


class TorchWorld:
    """`captioner.training.stages.World` over ``torch.distributed``.

    Parameters
    ----------
    device
        Where messages are added up.
    """

    def __init__(self, device: torch.device) -> None:
        self.rank, self.size, self._device = dist.get_rank(), dist.get_world_size(), device

    def sum(self, value: Tensor) -> Tensor:
        """The sum of ``value`` over all processes, bit for bit the same in each.

        Raises
        ------
        TrainingRunError
            If another process has ended.
        """
        message = value.detach().to(self._device, copy=True).contiguous()
        try:
            dist.all_reduce(message)
        except RuntimeError as error:
            raise TrainingRunError(
                "Another of the processes that train together has ended, so this one ends too. Resume the run."
            ) from error
        return message.to(value.device)


@contextlib.contextmanager
def join_world(device: Device = "cpu", environment: Mapping[str, str] = os.environ) -> Iterator[World]:
    """Join the processes that ``torchrun`` started with this one; alone where it was started by itself.

    Messages go by NCCL between GPUs and by gloo otherwise. Where all processes are on this machine they talk over its
    loopback interface only, unless ``GLOO_SOCKET_IFNAME`` or ``NCCL_SOCKET_IFNAME`` say otherwise. Nothing that they
    say is encrypted.

    Parameters
    ----------
    device
        Where the decoder is trained. Processes on one machine take one GPU each.
    environment
        With ``WORLD_SIZE`` and the other variables of ``torchrun``.

    Raises
    ------
    TrainingRunError
        If the others cannot be reached, or the first has a public address.
    """
    if int(environment.get("WORLD_SIZE", "1")) < 2:
        yield ALONE
        return
    _refuse_public_address(environment.get("MASTER_ADDR", ""))
    chosen = choose_device(device)
    if chosen.type == "cuda":
        torch.cuda.set_device(int(environment.get("LOCAL_RANK", "0")))
    is_one_machine = environment.get("LOCAL_WORLD_SIZE", environment["WORLD_SIZE"]) == environment["WORLD_SIZE"]
    if is_one_machine:
        _stay_on_this_machine()
    is_cuda = chosen.type == "cuda"
    try:
        store, rank, size = next(rendezvous("env://", timeout=TIMEOUT))
        if is_one_machine:
            # torchrun keeps its store when it restarts processes. Without a prefix they would find each other where
            # those before them were. Machines count restarts each by itself, so among several it would divide them.
            restart = environment.get("TORCHELASTIC_RESTART_COUNT", "0")
            store = dist.PrefixStore(f"restart-{restart}", store)  # type: ignore[attr-defined]
        dist.init_process_group("nccl" if is_cuda else "gloo", store=store, rank=rank, world_size=size, timeout=TIMEOUT)
    except (RuntimeError, ValueError) as error:
        raise TrainingRunError(f"The processes that train together do not find each other: {error}") from error
    try:
        yield TorchWorld(chosen if is_cuda else torch.device("cpu"))
    finally:
        dist.destroy_process_group()


def _refuse_public_address(host: str) -> None:
    """Let messages, which anybody on the way could read and change, never pass through the open internet."""
    found = _addresses_of(host)
    if found and all(address.is_global for address in found):
        raise TrainingRunError(
            f"{host} is a public address, and what the processes say to each other is not encrypted. Let them meet at "
            "an address of a private network or of a tunnel such as WireGuard."
        )


def _addresses_of(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """All addresses of a host, none where it is not known; whoever connects to it says that better."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    try:
        entries = socket.getaddrinfo(host, None) if host else []
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(entry[4][0])) for entry in entries]


def _stay_on_this_machine() -> None:
    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None)
    if loopback:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", loopback)
