"""Rounded weights: close to what they were, the same on all processors, whatever is large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.search.embedders.onnx_rounding import (
    APART,
    BLOCK,
    CALIBRATION,
    MAX_ERROR,
    ZERO,
    activation_names,
    in_blocks,
    in_columns,
    largest_channels,
    round_weights,
    rounding_error,
)

if TYPE_CHECKING:
    from onnx import ModelProto

Floats = NDArray[np.float32]

TOKENS, WIDE, NARROW = 40, 64, 16


def _random(*shape: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("rows", [7, 8])
def test_no_two_neighbouring_products_overflow_16_bits(rows: int) -> None:
    """Each weight is within half a step of what it was."""
    weights = np.concatenate([_random(rows, 30), np.ones((rows, 1)), -np.ones((rows, 1))], axis=1)
    numbers, scales = in_columns(weights.astype(np.float32))
    pairs = np.pad(numbers.astype(int), ((0, rows % 2), (0, 0))).reshape(-1, 2, 32)
    for sign in (1, -1):
        assert (255 * np.maximum(sign * pairs, 0).sum(axis=1)).max() < 2**15
    assert np.abs(numbers * scales - weights).max() <= scales.max() / 2 + 1e-6


def test_blocks_have_scales_of_their_own() -> None:
    """A large number costs its neighbours their digits, but no other block; zeros stay zeros."""
    rows = _random(3, BLOCK + 50)
    rows[0, 0], rows[2] = 1000, 0
    numbers, scales = in_blocks(rows)
    assert numbers.shape == (3, 2, BLOCK)
    back = ((numbers.astype(np.float32) - ZERO) * scales[:, :, None]).reshape(3, -1)
    error = np.abs(back[:, : rows.shape[1]] - rows)
    assert error[0, :BLOCK].max() > 0.1
    assert error[0, BLOCK:].max() < 0.02
    assert error[1].max() < 0.02
    assert not back[2].any()


def test_the_error_is_a_share_of_the_product() -> None:
    """One large number makes it large; what is all zero has none."""
    activations, weights = _random(TOKENS, WIDE), _random(WIDE, NARROW, seed=1)
    assert rounding_error(activations, weights) == pytest.approx(
        rounding_error(10 * activations, weights)
    )
    assert rounding_error(activations, weights) < 0.02
    activations[0, 0] = 500
    assert rounding_error(activations[1:], weights) < 0.02
    assert rounding_error(np.vstack([activations[1:], 500 * np.eye(1, WIDE)]), weights) > MAX_ERROR
    assert rounding_error(np.zeros_like(activations), weights) == 0


def test_the_largest_channels_stay_in_float() -> None:
    """None where rounding changes little; all where those that are large are too many."""
    activations, weights = _random(TOKENS, WIDE), _random(WIDE, NARROW, seed=1)
    assert not len(largest_channels(activations, weights))
    activations[:, [9, 5]] *= 300
    weights[[9, 5]] /= 10_000
    few = largest_channels(activations, weights)
    assert len(few) == APART[0]
    assert {5, 9} <= set(few.tolist())
    assert few.tolist() == sorted(few)
    activations[:, :40] *= 300
    weights[:40] /= 10_000
    assert largest_channels(activations, weights).tolist() == list(range(WIDE))


def test_a_product_without_small_channels_stays_in_float() -> None:
    """Nothing of it is rounded, and what the others give does not change for it."""
    weights = _random(WIDE, WIDE) / np.float32(8)
    first = weights.copy()
    first[:, :40] *= 300
    last = weights.copy()
    last[:40] /= 10_000
    model = _layers(np.ones(WIDE, dtype=np.float32), first, last)
    rows = _random(TOKENS, WIDE, seed=2)
    before = _run(model, None, rows)[0]
    round_weights(model, _measured(model, rows))
    kinds = [node.op_type for node in model.graph.node]
    assert (kinds.count("MatMulInteger"), kinds.count("MatMul")) == (1, 1)
    assert np.linalg.norm(_run(model, None, rows)[0] - before) < 0.05 * np.linalg.norm(before)


def _layers(gain: Floats, first: NDArray[Any], last: NDArray[Any]) -> ModelProto:
    """Return x -> n = norm(x); relu(n first) last + n."""
    from onnx import helper, numpy_helper

    steps = [
        ("LayerNormalization", ["x", "gain"], "n"), ("MatMul", ["n", "first"], "wide"),
        ("Relu", ["wide"], "active"), ("MatMul", ["active", "last"], "back"),
        ("Add", ["back", "n"], "y"),
    ]  # fmt: skip
    shape = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output]) for kind, inputs, output in steps],
        "layers",
        [shape("x", 1, [None, len(gain)])],
        [shape("y", 1, [None, len(gain)])],
        [
            numpy_helper.from_array(array, name)
            for name, array in {"gain": gain, "first": first, "last": last}.items()
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _run(model: ModelProto, names: list[str] | None, rows: Floats) -> list[Any]:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    found: list[Any] = session.run(names, {"x": rows})
    return found


def _measured(model: ModelProto, rows: Floats) -> dict[str, Floats]:
    from onnx import helper

    watched = type(model)()
    watched.CopyFrom(model)
    names = activation_names(model)
    watched.graph.output.extend(helper.make_tensor_value_info(name, 1, None) for name in names)
    return dict(zip(names, _run(watched, names, rows), strict=True))


def test_a_large_channel_and_large_numbers_cost_little() -> None:
    """The first is smoothed, the last stay in float; the channel added later is as it was.

    On texts that were not measured.
    """
    gain = np.ones(WIDE, dtype=np.float32)
    gain[3] = 60
    first = _random(WIDE, 2 * BLOCK) / 8
    first[3] /= 60
    last = _random(2 * BLOCK, WIDE, seed=1) / 16
    first[:, 7] *= 40
    last[7] /= 400
    model = _layers(gain, first, last)
    rows = _random(TOKENS, WIDE, seed=2)
    before = _run(model, None, rows)[0]
    round_weights(model, _measured(model, _random(TOKENS, WIDE, seed=3)))
    kinds = [node.op_type for node in model.graph.node]
    assert (kinds.count("MatMulInteger"), kinds.count("MatMul")) == (2, 1)
    after = _run(model, None, rows)[0]
    others = np.arange(WIDE) != 3
    error = np.linalg.norm((after - before)[:, others]) / np.linalg.norm(before[:, others])
    assert error < 0.03
    assert not {"first", "last"} & {one.name for one in model.graph.initializer}


def _round_shared(weights: Floats) -> tuple[ModelProto, float]:
    """Return two layers with the same weights, rounded, and by how much that changes what is read.

    As a share of its length.
    """
    model = _layers(np.ones(WIDE, dtype=np.float32), weights, weights)
    del model.graph.initializer[-1]
    model.graph.node[3].input[1] = "first"
    rows = _random(TOKENS, WIDE, seed=2)
    before = _run(model, None, rows)[0]
    round_weights(model, _measured(model, rows))
    error = np.linalg.norm(_run(model, None, rows)[0] - before) / np.linalg.norm(before)
    return model, float(error)


def test_weights_that_two_layers_share_stay_right() -> None:
    """They cannot follow both layers' divisors, so neither is smoothed."""
    _, error = _round_shared(_random(WIDE, WIDE) / np.float32(8))
    assert error < 0.05


def test_calibration_texts_are_of_several_languages_and_kinds() -> None:
    """They are distinct, and some are not English."""
    assert len(set(CALIBRATION)) == len(CALIBRATION) > 20
    assert any("ß" in text for text in CALIBRATION)


def test_weights_that_are_shared_may_be_rounded_in_both_ways() -> None:
    """Of two products with the same weights one is of integers and one has channels apart."""
    shared = _random(WIDE, WIDE) / np.float32(8)
    shared[:, 7] *= 40
    shared[7] /= 400
    model, error = _round_shared(shared)
    kinds = [node.op_type for node in model.graph.node]
    assert (kinds.count("MatMulInteger"), kinds.count("MatMul")) == (2, 1)
    assert error < 0.05
