"""Where in a network a student is taught or a teacher is asked, and what follows there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from captioner.errors import ConfigurationError

PROBE_SIZE = 256
# Networks that pad little give grids a cell or two smaller than their stride says.
_TOLERANCE = 0.1


@dataclass(frozen=True, slots=True)
class Layer:
    """A module on the main path of a network: its `name`, the `stride` of its grid, and its `channels`."""

    name: str
    stride: int
    channels: int


@dataclass(frozen=True, slots=True)
class Depth:
    """A depth at which a student is taught.

    Attributes
    ----------
    name
        For people: the stride, such as ``stride 8``.
    stride
        Pixels of the input per cell of the student's grid.
    channels
        Of the student.
    is_linear
        Whether the student's values there can be of both signs without bounds, as the targets are.
    """

    name: str
    stride: int
    channels: int
    is_linear: bool


def find_layers(network: nn.Module) -> list[Layer]:
    """The blocks that a network is a chain of, in their order; none of them halves the grid more than once.

    The network encodes an empty image for that, and is in evaluation mode afterwards.
    """
    shapes: dict[str, tuple[int, ...]] = {}

    def remember(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
            shapes[name] = tuple(getattr(output, "shape", ()))

        return note

    hooks = [module.register_forward_hook(remember(name)) for name, module in network.named_modules() if name]
    try:
        with torch.inference_mode():
            network.eval()(torch.zeros(1, 3, PROBE_SIZE, PROBE_SIZE, device=next(network.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    grids = {name: shape for name, shape in shapes.items() if len(shape) == 4}
    return [
        Layer(name, stride, grids[name][1])
        for name in _blocks(network, "", PROBE_SIZE, grids)
        if (stride := _stride(grids[name])) is not None
    ]


def _blocks(module: nn.Module, name: str, side: int, grids: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    for child_name, child in module.named_children():
        path = f"{name}.{child_name}".removeprefix(".")
        if path not in grids:
            continue
        below = grids[path][2]
        if side > 3 * below and any(True for _ in child.children()):
            yield from _blocks(child, path, side, grids)
        else:
            yield path
        side = below


def _stride(shape: tuple[int, ...]) -> int | None:
    """Pixels per cell as a power of two; None where the grid is none, such as a pooled one."""
    exact = PROBE_SIZE / shape[2]
    stride = 1 << max(0, round(exact).bit_length() - 1)
    nearest = min((stride, 2 * stride), key=lambda candidate: abs(candidate - exact))
    return nearest if abs(exact / nearest - 1) <= _TOLERANCE and nearest < PROBE_SIZE else None


def layer_at(layers: list[Layer], stride: int, channels: int | None = None) -> Layer | None:
    """The last layer at ``stride``; the last one with ``channels`` where there is any."""
    there = [layer for layer in layers if layer.stride == stride]
    alike = [layer for layer in there if layer.channels == channels]
    best = alike or there
    return best[-1] if best else None


def cut_head(network: nn.Module, layer: str) -> fx.GraphModule:
    """What a network in evaluation mode does with the output of ``layer``; it shares the network's weights.

    Raises
    ------
    ConfigurationError
        If there is no such layer, or what follows needs more than its output.
    """
    head = fx.symbolic_trace(network)
    graph = head.graph
    nodes = [node for node in graph.nodes if layer in _modules_of(node)]
    if not nodes:
        raise ConfigurationError(f"The teacher has no layer {layer!r:.60}. Name one of its modules.")
    first = next(iter(graph.nodes))
    with graph.inserting_before(first):
        features = graph.placeholder("features")
    nodes[-1].replace_all_uses_with(features)
    graph.eliminate_dead_code()
    for node in [node for node in graph.nodes if node.op == "placeholder" and node is not features]:
        if node.users:
            raise ConfigurationError(f"What follows {layer} needs more than its output. Name another layer.")
        graph.erase_node(node)
    head.recompile()
    head.delete_all_unused_submodules()
    return head.eval()


def _modules_of(node: fx.Node) -> set[str]:
    """Names of the modules inside of which ``node`` is."""
    return set(node.meta.get("nn_module_stack", ())) | ({str(node.target)} if node.op == "call_module" else set())


def pad_like_tensorflow(network: nn.Module) -> None:
    """Let convolutions with a stride pad as TensorFlow's SAME does, in place: what is odd goes right and bottom.

    That is so for inputs whose sides the stride divides, as here all are.
    """
    for parent in list(network.modules()):
        for name, conv in list(parent.named_children()):
            if isinstance(conv, nn.Conv2d) and max(conv.stride) > 1 and conv.padding != (0, 0):
                setattr(parent, name, nn.Sequential(nn.ZeroPad2d(_same_padding(conv)), conv))
                conv.padding = (0, 0)


def _same_padding(conv: nn.Conv2d) -> tuple[int, int, int, int]:
    """Left, right, top and bottom."""
    rows, columns = (
        max(0, dilation * (kernel - 1) + 1 - stride)
        for dilation, kernel, stride in zip(conv.dilation, conv.kernel_size, conv.stride, strict=True)
    )
    return columns // 2, columns - columns // 2, rows // 2, rows - rows // 2


def spatially_like(features: Tensor, other: Tensor) -> Tensor:
    """``features`` (B, C, h, w) on the grid of ``other``."""
    return _on_grid(features, (other.shape[2], other.shape[3]))


def resized(images: Tensor, size: int) -> Tensor:
    """``images`` (B, C, H, W), or features, with sides of ``size``."""
    return _on_grid(images, (size, size))


def _on_grid(values: Tensor, grid: tuple[int, int]) -> Tensor:
    if values.shape[2:] == grid:
        return values
    fitted: Tensor = nn.functional.interpolate(values, size=grid, mode="bilinear", antialias=True)
    return fitted
