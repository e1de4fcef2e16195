import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from captioner.errors import ModelPackageError
from captioner.quantisation import (
    LEAST_BITS,
    MOST_BITS,
    Quantised,
    QuantisedForm,
    dequantise,
    forms_from_json,
    forms_to_json,
    is_worth_quantising,
    quantise,
)
from captioner.weight_files import read_shapes, read_weights, write_weights

ALL_BITS = range(LEAST_BITS, MOST_BITS + 1)


def gaussian(*shape, seed=0):
    """Rows of Gaussian numbers, each row of another size."""
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.logspace(-3, 3, shape[0]).view(-1, *[1] * (len(shape) - 1))
    return torch.randn(shape, generator=generator) * sizes


@pytest.mark.parametrize("bits", ALL_BITS)
def test_error_of_gaussian_rows_is_that_of_the_best_uniform_quantiser(bits):
    # Max 1960, Quantizing for minimum distortion, table II: mean squared errors of 16 to 256 equal steps.
    best = {4: 0.01154, 5: 0.00349, 6: 0.00104, 7: 0.000304, 8: 0.0000878}[bits]
    numbers = gaussian(5, 20_000)
    rounded = dequantise(quantise(numbers, bits))
    errors = (rounded - numbers).square().sum(1) / numbers.square().sum(1)
    assert torch.all(errors < 1.15 * best)


@pytest.mark.parametrize("bits", ALL_BITS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 343), (4, 8, 3, 3), (2, 7)])
def test_a_row_has_so_many_steps_and_each_number_its_nearest(bits, shape):
    once = quantise(gaussian(*shape), bits)
    assert once.codes.shape == (once.form.code_bytes,)
    assert once.form.code_bytes <= (gaussian(*shape).numel() + 7) * bits / 8
    rounded = dequantise(once)
    assert rounded.shape == shape
    for values, row, scale in zip(rounded.flatten(1), gaussian(*shape).flatten(1), once.scales, strict=True):
        steps = (torch.arange(2**bits) - (2**bits - 1) / 2) * scale
        torch.testing.assert_close(values, steps[(steps - row.unsqueeze(1)).abs().argmin(1)])


def test_every_code_comes_back_as_its_step():
    for bits in ALL_BITS:
        steps = torch.arange(2**bits).float() - (2**bits - 1) / 2
        numbers = torch.stack([steps, -3 * steps])
        torch.testing.assert_close(dequantise(quantise(numbers, bits)), numbers)


def test_rows_of_zeros_stay_zeros():
    numbers = torch.zeros(3, 9)
    numbers[1] = torch.arange(9)
    rounded = dequantise(quantise(numbers, 5))
    assert torch.equal(rounded[[0, 2]], numbers[[0, 2]])
    assert rounded[1].any()


@pytest.mark.parametrize("bits", [3, 9, 0])
def test_other_numbers_of_bits_are_refused(bits):
    with pytest.raises(ValueError, match="4 to 8"):
        quantise(torch.ones(2, 2), bits)


def test_only_large_matrices_are_worth_it():
    assert is_worth_quantising(torch.ones(32, 32))
    assert not is_worth_quantising(torch.ones(31, 33))
    assert not is_worth_quantising(torch.ones(5000))
    assert not is_worth_quantising(torch.ones(64, 64, dtype=torch.int64))


# In files


@pytest.fixture
def weights():
    return {"a.weight": gaussian(40, 3, 3, 3), "a.bias": gaussian(5000), "b.weight": gaussian(32, 40, seed=1)}


def test_a_file_gives_quantised_weights_by_their_names(weights, tmp_path):
    path = tmp_path / "w.safetensors"
    write_weights(weights, path, bits=5)
    found = read_weights(path)
    assert found.keys() == weights.keys()
    for name in ("a.weight", "b.weight"):
        assert torch.equal(found[name], dequantise(quantise(weights[name], 5)))
        assert found[name].dtype == torch.float32
    assert torch.equal(found["a.bias"], weights["a.bias"].half().float())
    assert read_shapes(path) == {name: list(value.shape) for name, value in weights.items()}
    assert read_shapes(path, prefix="b.") == {"weight": [32, 40]}
    assert read_weights(path, prefix="b.").keys() == {"weight"}


def test_equal_weights_give_equal_files(weights, tmp_path):
    for name in ("one", "two"):
        write_weights(weights, tmp_path / name, bits=6)
        weights = dict(reversed(weights.items()))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_files_are_as_small_as_their_bits(tmp_path):
    weights = {"large": gaussian(256, 4096)}
    for bits in (*ALL_BITS, 16):
        write_weights(weights, tmp_path / "w", bits=bits)
        assert (tmp_path / "w").stat().st_size == pytest.approx(256 * 4096 * bits / 8, rel=0.01)


def damage(path, change):
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    tensors, forms = load_file(path), json.loads(metadata["quantised"])
    change(tensors, forms)
    save_file(tensors, path, metadata={"quantised": json.dumps(forms)})


DAMAGES = {
    "codes are missing": lambda tensors, _: tensors.pop("b.weight.codes"),
    "scales are missing": lambda tensors, _: tensors.pop("b.weight.scales"),
    "codes are short": lambda tensors, _: tensors.update({"b.weight.codes": tensors["b.weight.codes"][:-1].clone()}),
    "codes are of another kind": lambda tensors, _: tensors.update(
        {"b.weight.codes": tensors["b.weight.codes"].to(torch.int8)}
    ),
    "scales are not finite": lambda tensors, _: tensors["b.weight.scales"].fill_(torch.inf),
    "the tensor is there twice": lambda tensors, _: tensors.update({"b.weight": torch.ones(2)}),
    "another shape": lambda _, forms: forms["b.weight"].update(shape=[32, 2**40]),
    "a negative shape": lambda _, forms: forms["b.weight"].update(shape=[-32, -40]),
    "no shape": lambda _, forms: forms["b.weight"].pop("shape"),
    "a vector": lambda _, forms: forms["b.weight"].update(shape=[1280]),
    "words for numbers": lambda _, forms: forms["b.weight"].update(shape=["32", "40"]),
    "too many bits": lambda _, forms: forms["b.weight"].update(bits=64),
    "half a bit": lambda _, forms: forms["b.weight"].update(bits=5.0),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_files_are_refused(kind, weights, tmp_path):
    path = tmp_path / "w.safetensors"
    write_weights(weights, path, bits=5)
    damage(path, DAMAGES[kind])
    with pytest.raises(ModelPackageError, match=r"w\.safetensors is damaged: "):
        read_weights(path)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 3}', '{"a": {"bits": 5, "shape": 3}}', "[" * 100_000])
def test_forms_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match=r"Expecting|cannot be read"):
        forms_from_json(text)


def test_forms_come_back():
    forms = {"b": QuantisedForm(5, (2, 3)), "a": QuantisedForm(4, (1, 2, 3, 4))}
    assert forms_from_json(forms_to_json(forms)) == forms


def test_the_first_code_lies_in_the_lowest_bits():
    form = QuantisedForm(4, (1, 2))
    quantised = Quantised(torch.tensor([0xF0, 0, 0, 0], dtype=torch.uint8), torch.tensor([2.0]), form)
    assert dequantise(quantised).tolist() == [[-15.0, 15.0]]
