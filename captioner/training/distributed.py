"""Several processes that train one decoder together, as ``torchrun`` starts them."""

from __future__ import annotations

import contextlib
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
    loopback interface only, unless ``GLOO_SOCKET_IFNAME`` or ``NCCL_SOCKET_IFNAME`` say otherwise.

    Parameters
    ----------
    device
        Where the decoder is trained. Processes on one machine take one GPU each.
    environment
        With ``WORLD_SIZE`` and the other variables of ``torchrun``.

    Raises
    ------
    TrainingRunError
        If the others cannot be reached.
    """
    if int(environment.get("WORLD_SIZE", "1")) < 2:
        yield ALONE
        return
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


def _stay_on_this_machine() -> None:
    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None)
    if loopback:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", loopback)
