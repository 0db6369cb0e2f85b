"""Rounds the weights of a graph for ONNX Runtime to int8 so that its vectors hardly change.

Activations, which weights are multiplied with, are rounded as well when they are computed: to a
byte on one scale for all tokens and channels of a batch, so that a few large numbers cost all
others their digits. So:

- **Smoothing** (SmoothQuant, Xiao and others 2022, arXiv:2211.10438): the output of a normalisation
  layer is divided by s, and the weights that it is multiplied with are multiplied by s, channel by
  channel, with s = max|X|^a / max|W|^(1-a). In float that is the same: (X / s)(s W) = X W. The
  quotient is a step of its own in the graph, as the unchanged X is added further on, too.
- **Largest channels**: in products that rounding would change most, those after the activation
  function, the channels with the largest numbers stay in float (LLM.int8, Dettmers and others 2022,
  arXiv:2208.07339): a product of their own, which is added to that of all others.
- **Blocks**: tables of tokens, whose rows are only looked up, have a scale for each 128 numbers
  (`GatherBlockQuantized`). For products blocks would do as well as channels apart, and take longer.
- **Columns**: all other weights have a scale for each column. Processors without VNNI add two
  neighbouring products in 16 bits and stop at the largest number, where others go on. The scale is
  such that no two reach it. (The usual way is to round to 7 bits, which costs more.)

Activations are measured on made-up texts (`CALIBRATION`), never on those of a team.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.search.embedders.numerics import SAMPLE

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Floats = NDArray[np.float32]

# What the channels' largest numbers are measured on; more languages than most models read.
CALIBRATION = (
    *SAMPLE,
    "Der Drucker im zweiten Stock druckt nur leere Seiten, seit wir gestern umgezogen sind.",
    "Größe 38 bestellt, Größe 40 bekommen. Bitte um Rücksendeetikett für Bestellung 4711!",
    "El paquete figura como entregado, pero no ha llegado nada a casa y nadie contesta.",
    "La facture 2031 a été payée deux fois, merci de rembourser un des deux paiements.",
    "TypeError: undefined is not a function at Checkout.submit (checkout.js:214:17)",
    "2026-03-02 08:14:55 ERROR [pool-2] java.net.SocketTimeoutException: connect timed out",
    "a",
)

# The exponent a: the least error on the calibration texts, of weights and activations together.
STRENGTH = 0.6

# Products whose rounding would change them by more than this, as a share of their length (root mean
# square), have channels apart: in all-MiniLM-L6-v2 four of the six after the activation function
# (.028 to .045 on the calibration texts, all others at most .026).
MAX_ERROR = 0.027

# How many channels stay in float: the fewest of these that bring the error down, or all. There 32
# of 1,536 suffice.
APART = (32, 64, 128, 256)

# How many numbers of a table share a scale.
BLOCK = 128
BITS = 8
ZERO = 128

# The integers of a byte that activations are rounded to, on one scale for a batch.
LEVELS = 255

# Two neighbouring weights of one sign are at most as large together: 255 x 128 < 2^15, and rounding
# adds 1.
MAX_PAIR = 127

# So that a channel that is always zero has a scale.
TINY = 1e-5

CONTRIBUTED = "com.microsoft"

MATRIX_DIMS = 2


def products(model: ModelProto) -> list[NodeProto]:
    """Return the products of a graph with a matrix of weights."""
    weights = _weights(model)
    return [n for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in weights]


def activation_names(model: ModelProto) -> list[str]:
    """Return the names of the activations that are multiplied with weights."""
    return list(dict.fromkeys(node.input[0] for node in products(model)))


def round_weights(model: ModelProto, measured: Mapping[str, Floats]) -> None:
    """Smooth a graph and round its weights in place.

    `measured` has the activations in calibration texts by `activation_names`, each
    `(tokens, channels)`.
    """
    from onnx import helper

    activations = {**measured, **_smooth(model, measured)}
    weights, exact = _weights(model), set[str]()
    for node in products(model):
        name, weight = node.input
        largest = largest_channels(activations[name], _array(weights[weight]))
        if len(largest):
            exact.add(_multiply_apart(model, node, largest))
    _multiply_integers(model, exact)
    for node in model.graph.node:
        if node.op_type == "Gather" and node.input[0] in weights:
            _look_up_in_blocks(model, node)
    _drop_unused(model)
    model.opset_import.append(helper.make_opsetid(CONTRIBUTED, 1))


def largest_channels(activations: Floats, weights: Floats) -> NDArray[np.int64]:
    """Return the channels that must stay in float: none, a few in order, or all.

    `activations` has the shape `(tokens, channels)`, `weights` `(channels, columns)`.
    """
    order = np.argsort(-np.abs(activations).max(axis=0), kind="stable")
    for number in (0, *APART):
        largest, others = np.split(order, [number])
        if len(others) and rounding_error(activations[:, others], weights[others]) <= MAX_ERROR:
            return np.sort(largest)
    return np.arange(len(order))


def rounding_error(activations: Floats, weights: Floats) -> float:
    """Return by how much a product changes if its activations are rounded on one scale.

    `activations` has the shape `(tokens, channels)`. Root of the mean square, as a share of the
    product's.
    """
    low, high = min(float(activations.min()), 0.0), max(float(activations.max()), 0.0)
    step = max((high - low) / LEVELS, TINY)
    error = (np.round(activations / step) * step - activations) @ weights
    return float(np.linalg.norm(error) / max(float(np.linalg.norm(activations @ weights)), TINY))


def in_blocks(rows: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """Return numbers of a byte, shape `(rows, blocks, BLOCK)`, and their scales `(rows, blocks)`.

    A number is (byte - ZERO) times its scale; the last block is filled up with zeros.
    """
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % BLOCK)))
    blocks = padded.reshape(len(rows), -1, BLOCK)
    scales = np.maximum(np.abs(blocks).max(axis=2) / (ZERO - 1), np.finfo(np.float32).tiny)
    numbers = np.round(blocks / scales[:, :, None]) + ZERO
    return numbers.astype(np.uint8), scales.astype(np.float32)


def in_columns(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return weights as numbers of a byte, shape `(channels, columns)`, and each column's scale."""
    pairs = np.pad(weights, ((0, len(weights) % 2), (0, 0))).reshape(-1, 2, weights.shape[1])
    sums = [np.maximum(sign * pairs, 0).sum(axis=1).max(axis=0) for sign in (1, -1)]
    scales = np.maximum(np.max(sums, axis=0) / MAX_PAIR, np.finfo(np.float32).tiny)
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


def _smooth(model: ModelProto, measured: Mapping[str, Floats]) -> dict[str, Floats]:
    """Smooth what can be; return the new activations by their names, `(tokens, channels)`."""
    from onnx import helper

    made_by = {name: node.op_type for node in model.graph.node for name in node.output}
    weights, smoothed = _weights(model), {}
    for name in activation_names(model):
        followers = [node for node in products(model) if node.input[0] == name]
        own = {node.input[1] for node in followers}
        users = sum(one in node.input for node in model.graph.node for one in own)
        if made_by.get(name) != "LayerNormalization" or users != len(followers):
            continue  # weights that two layers share cannot follow both
        arrays = {weight: _array(weights[weight]) for weight in own}
        scale = _scale(measured[name], arrays.values())
        for weight, array in arrays.items():
            _set(model, weight, array * scale[:, None])
        new = f"{name}_smooth"
        inverse = _set(model, f"{name}_inverse", 1 / scale)
        at = min(list(model.graph.node).index(node) for node in followers)
        model.graph.node.insert(at, helper.make_node("Mul", [name, inverse], [new], new))
        for node in followers:
            node.input[0] = new
        smoothed[new] = measured[name] / scale
    return smoothed


def _scale(activations: Floats, arrays: Iterable[Floats]) -> Floats:
    largest = np.maximum(np.abs(activations).max(axis=0), TINY)
    weight = np.maximum(np.max([np.abs(one).max(axis=1) for one in arrays], axis=0), TINY)
    scale = largest**STRENGTH / weight ** (1 - STRENGTH)
    return np.asarray(scale, dtype=np.float32)


def _multiply_apart(model: ModelProto, node: NodeProto, channels: NDArray[np.int64]) -> str:
    """Let some channels of a product be one of their own, in float; return what that gives."""
    from onnx import helper

    (name, weight), out = node.input, str(node.output[0])
    array = _array(_weights(model)[weight])
    if len(channels) == len(array):
        return out
    is_other = ~np.isin(np.arange(len(array)), channels)
    few, part, others, rest = (f"{out}_{what}" for what in ("few", "part", "others", "rest"))
    indices = _set(model, f"{out}_channels", channels)
    own = _set(model, f"{few}_weights", array[channels])
    mask = _set(model, f"{out}_mask", is_other.astype(np.float32))
    node.input[:] = [others, _set(model, f"{others}_weights", array * is_other[:, None])]
    node.output[0] = rest
    at = list(model.graph.node).index(node)
    model.graph.node.insert(at + 1, helper.make_node("Add", [rest, part], [out], f"{out}_sum"))
    for one in (
        helper.make_node("Mul", [name, mask], [others], others),
        helper.make_node("MatMul", [few, own], [part], part),
        helper.make_node("Gather", [name, indices], [few], few, axis=-1),
    ):
        model.graph.node.insert(at, one)
    return part


def _multiply_integers(model: ModelProto, exact: Collection[str]) -> None:
    """Let products of a graph be of integers, in the steps that ONNX Runtime joins to one.

    Those that give what is `exact` stay in float.
    """
    from onnx import TensorProto, helper

    weights, done = _weights(model), set[str]()
    left = {node.output[0] for node in products(model)}.difference(exact)
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.output[0] not in left:
            nodes.append(node)
            continue
        (name, weight), (out,) = node.input, node.output
        numbers, scales = in_columns(_array(weights[weight]))
        whole = [f"{name}_{part}" for part in ("whole", "whole_scale", "whole_zero")]
        if name not in done:
            nodes.append(helper.make_node("DynamicQuantizeLinear", [name], whole))
            done.add(name)
        inputs = [whole[0], _set(model, f"{weight}_whole", numbers), whole[2],
                  _set(model, f"{weight}_zero", np.zeros(len(scales), dtype=np.int8))]  # fmt: skip
        scale = _set(model, f"{weight}_whole_scales", scales)
        nodes += [
            helper.make_node("MatMulInteger", inputs, [f"{out}_whole"]),
            helper.make_node("Cast", [f"{out}_whole"], [f"{out}_cast"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [whole[1], scale], [f"{out}_scale"]),
            helper.make_node("Mul", [f"{out}_cast", f"{out}_scale"], [out]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _look_up_in_blocks(model: ModelProto, node: NodeProto) -> None:
    from onnx import helper

    table, places = node.input
    array = _array(_weights(model)[table])
    numbers, scales = in_blocks(array)
    flat = numbers.reshape(len(array), -1)[:, : array.shape[1]]
    node.op_type, node.domain = "GatherBlockQuantized", CONTRIBUTED
    del node.input[:]
    names = _set(model, f"{table}_rows", flat), places, _set(model, f"{table}_row_scales", scales)
    node.input.extend(names)
    del node.attribute[:]
    settings = {"bits": BITS, "block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
    node.attribute.extend(helper.make_attribute(*one) for one in settings.items())


def _drop_unused(model: ModelProto) -> None:
    """Drop the tensors that were rounded: nothing uses them any more."""
    used = {name for node in model.graph.node for name in node.input}
    kept = [one for one in model.graph.initializer if one.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def _weights(model: ModelProto) -> dict[str, Any]:
    """Return the matrices of a graph by their names."""
    return {one.name: one for one in model.graph.initializer if len(one.dims) == MATRIX_DIMS}


def _array(tensor: Any) -> Floats:
    from onnx import numpy_helper

    return np.asarray(numpy_helper.to_array(tensor), dtype=np.float32)


def _set(model: ModelProto, name: str, array: NDArray[Any]) -> str:
    """Give a graph a tensor, or another value to the one of that name; return the name."""
    from onnx import numpy_helper

    made = numpy_helper.from_array(np.ascontiguousarray(array), name)
    for one in model.graph.initializer:
        if one.name == name:
            one.CopyFrom(made)
            return name
    model.graph.initializer.append(made)
    return name
