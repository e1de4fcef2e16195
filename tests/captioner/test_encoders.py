"""Encoders: every registered network gives the grid it is registered with, and weights either fit or are refused."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from captioner.config import ENCODER_WIDTHS, DecoderConfig, EncoderConfig
from captioner.decoder import Decoder
from captioner.encoder_registry import (
    DILATED_ENCODER,
    ENCODERS,
    OWN_ENCODER,
    OWN_ENCODERS,
    SMALL_ENCODER,
    encoder_spec,
)
from captioner.encoders import Encoder, build_trunk, fold_batch_norms, load_encoder, stack_pixels
from captioner.errors import ConfigurationError, ModelPackageError
from captioner.stepped_resnet import STAGE8_CHANNELS, STAGE16_CHANNELS, SteppedResNet18
from captioner.weight_files import read_weights

OWN_WEIGHTS = Path(__file__).parents[3] / "shared" / "pretrained" / "encoder" / "weights.safetensors"
# Networks that pad their first layers less than others need a larger image before a single cell is left.
SMALLEST_SIZE = {"inception_v3": 96, "alexnet": 64, "vgg16": 32, "vgg19": 32}


@pytest.fixture
def quick_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill convolutions with one value, and leave classifiers, which no trunk keeps: random numbers take seconds."""

    def fill(weights: Tensor, *args: object, **kw: object) -> Tensor:
        # Linear layers of ConvNeXt's blocks, which are smaller than any classifier's first, must not be left undefined.
        is_classifier = weights.ndim == 2 and weights.numel() > 3e6
        return weights if is_classifier else nn.init.constant_(weights, 1e-3)

    def fill_convolution(module: nn.Conv2d) -> None:
        fill(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)

    monkeypatch.setattr(nn.Linear, "reset_parameters", lambda _: None)
    monkeypatch.setattr(nn.Conv2d, "reset_parameters", fill_convolution)
    for name in ("normal_", "kaiming_normal_", "trunc_normal_"):
        monkeypatch.setattr(nn.init, name, fill)


def pixels(size: int, *, images: int = 2, seed: int = 0) -> Tensor:
    rng = np.random.default_rng(seed)
    return stack_pixels([rng.integers(0, 256, (size, size, 3), np.uint8) for _ in range(images)])


def own_encoder(input_size: int = 64) -> Encoder:
    torch.manual_seed(0)
    return Encoder(ENCODERS[OWN_ENCODER].config(input_size)).eval()


def randomise_batch_norms(network: nn.Module) -> None:
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                assert tensor is not None
                tensor.uniform_(0.5, 1.5)
            for tensor in (module.bias.data, module.running_mean):
                assert tensor is not None
                tensor.normal_(0, 0.3)


# The registry


@pytest.mark.usefixtures("quick_weights")
@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_gives_its_grid_of_features(name: str) -> None:
    spec = ENCODERS[name]
    size = SMALLEST_SIZE.get(name, 64)
    encoder = Encoder(spec.config(size)).eval()
    with torch.inference_mode():
        features, (rows, columns) = encoder(pixels(size))
    assert features.shape == (2, rows * columns, spec.dim)
    assert features.dtype == torch.float32
    assert features.is_contiguous()
    assert torch.isfinite(features).all()
    assert encoder.dim == spec.dim
    assert encoder.precision == torch.float32


@pytest.mark.parametrize("name", [OWN_ENCODER, "mobilenet_v3_small", "densenet121"])
def test_a_larger_input_gives_a_finer_grid(name: str) -> None:
    encoder = Encoder(ENCODERS[name].config(64)).eval()
    with torch.inference_mode():
        grids = [encoder(pixels(size)).grid for size in (32, 64, 128)]
    assert grids == [(1, 1), (2, 2), (4, 4)]


@pytest.mark.parametrize("name", ENCODERS)
def test_default_sizes_are_multiples_of_the_stride(name: str) -> None:
    spec = ENCODERS[name]
    assert spec.name == name
    config = spec.config()
    assert config == EncoderConfig(name=name, input_size=spec.input_size, mean=spec.mean, std=spec.std)
    assert config.input_size % spec.stride == 0
    assert spec.config(96).input_size == 96


def test_the_widths_that_are_known_without_torch_are_those_of_the_registry() -> None:
    assert {spec.dim for spec in ENCODERS.values()} == ENCODER_WIDTHS


def test_an_unknown_encoder_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"no encoder 'vgg17'.*vgg16, vgg19"):
        encoder_spec("vgg17")


@pytest.mark.parametrize(("size", "nearest"), [(100, 96), (113, 128), (40, 32)])
def test_sizes_that_do_not_fit_the_stride_name_the_nearest(size: int, nearest: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"multiple of 32, not {size}\. The nearest is {nearest}\."):
        Encoder(ENCODERS[OWN_ENCODER].config(size))


# Variants


@pytest.mark.parametrize("name", [name for name in OWN_ENCODERS if not name.endswith("_dilated")])
def test_a_dilated_variant_has_the_same_features_and_others_between(name: str) -> None:
    encoder = Encoder(ENCODERS[name].config(64))
    randomise_batch_norms(encoder)
    finer = encoder.eval().variant(f"{name}_dilated")
    images = pixels(64)
    with torch.inference_mode():
        coarse, (rows, columns) = encoder(images)
        fine, grid = finer(images)
    assert (rows, columns) == (2, 2)
    assert grid == (4, 4)
    seen = fine.unflatten(1, grid)[:, ::2, ::2].flatten(1, 2)
    torch.testing.assert_close(seen, coarse, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(fine.unflatten(1, grid)[:, 1::2, 1::2].flatten(1, 2), coarse, atol=1e-2)


def test_the_own_encoder_at_its_usual_size_and_its_variant() -> None:
    with torch.device("meta"):
        images = torch.empty((1, 224, 224, 3), dtype=torch.uint8)
        grids = [Encoder(ENCODERS[name].config()).eval()(images).grid for name in (OWN_ENCODER, DILATED_ENCODER)]
    assert grids == [(7, 7), (14, 14)]


def test_without_dilation_the_own_encoder_is_what_it_was() -> None:
    convolutions = [module for module in SteppedResNet18().modules() if isinstance(module, nn.Conv2d)]
    assert {conv.dilation for conv in convolutions} == {(1, 1)}
    assert [conv.stride for conv in convolutions].count((2, 2)) == 6  # five halvings, and a shortcut of one of them


def test_variants_take_another_input_size_but_no_other_weights() -> None:
    encoder = own_encoder(64)
    assert encoder.variant(DILATED_ENCODER, 80).config == encoder.config.replace(name=DILATED_ENCODER, input_size=80)
    with pytest.raises(ConfigurationError, match="resnet18 cannot have the weights of stepped_resnet18"):
        encoder.variant("resnet18")


# Preprocessing and geometry


def test_pixels_are_normalised_per_channel() -> None:
    class Seen(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, images: Tensor) -> Tensor:
            return images

    config = EncoderConfig(input_size=32, mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 0.2))
    images = pixels(32)
    features, grid = Encoder(config, Seen())(images)
    wanted = (images.double() / 255 - torch.tensor(config.mean)) / torch.tensor(config.std)
    assert grid == (32, 32)
    torch.testing.assert_close(features, wanted.flatten(1, 2).float(), atol=1e-5, rtol=0)


def test_features_lie_row_by_row_over_the_grid() -> None:
    encoder = own_encoder()
    randomise_batch_norms(encoder)
    image = pixels(128, images=1)
    other = image.clone()
    other[:, :32, 96:] = 255 - other[:, :32, 96:]
    with torch.inference_mode():
        change = (encoder(other).features - encoder(image).features).norm(dim=2)[0]
    assert int(change.argmax()) == 3
    assert int(change.argmin()) == 12


def test_each_image_is_encoded_on_its_own() -> None:
    encoder = own_encoder()
    images = pixels(64, images=3)
    with torch.inference_mode():
        together = encoder(images).features
        alone = torch.cat([encoder(image[None]).features for image in images])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_the_stages_of_the_own_encoder_meet_at_their_interfaces() -> None:
    network = SteppedResNet18().eval()
    images = torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        at8 = network.stage8(images)
        at16 = network.stage16(at8)
        assert at8.shape == (1, STAGE8_CHANNELS, 8, 12)
        assert at16.shape == (1, STAGE16_CHANNELS, 4, 6)
        assert torch.equal(network(images), network.stage32(at16))
    assert 13.0e6 < sum(weight.numel() for weight in network.parameters()) < 13.2e6


# Weights


def test_missing_weights_are_named() -> None:
    encoder = own_encoder()
    weights = encoder.trunk.state_dict()
    del weights["stage16.1.conv2.weight"]
    with pytest.raises(ModelPackageError, match=r"some\.safetensors .*stage16\.1\.conv2\.weight is missing"):
        encoder.load_trunk(weights, source="some.safetensors")


def test_weights_of_another_shape_are_named() -> None:
    encoder = own_encoder()
    weights = encoder.trunk.state_dict()
    weights["stage32.3.bias"] = torch.zeros(321)
    with pytest.raises(ModelPackageError, match=r"stage32\.3\.bias is \(321,\), not \(320,\)"):
        encoder.load_trunk(weights, source="some.safetensors")


def test_refused_weights_change_nothing() -> None:
    encoder = own_encoder()
    before = copy.deepcopy(encoder.trunk.state_dict())
    weights = {name: torch.zeros_like(tensor) for name, tensor in before.items() if name != "stage32.3.bias"}
    with pytest.raises(ModelPackageError):
        encoder.load_trunk(weights, source="some.safetensors")
    assert all(torch.equal(tensor, before[name]) for name, tensor in encoder.trunk.state_dict().items())


def test_torchvision_weights_load_and_give_torchvision_features() -> None:
    from torchvision.models import resnet18

    torch.manual_seed(3)
    reference = resnet18(weights=None).eval()
    randomise_batch_norms(reference)
    weights = reference.state_dict()
    assert {"fc.weight", "fc.bias"} <= set(weights)
    encoder = Encoder(ENCODERS["resnet18"].config(64)).eval()
    encoder.load_trunk(weights, source="resnet18")
    seen: list[Tensor] = []
    reference.layer4.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    images = pixels(64)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (encoder.config.mean, encoder.config.std))
    with torch.inference_mode():
        features, grid = encoder(images)
        reference((images.permute(0, 3, 1, 2) / 255 - mean) / std)
    assert grid == (2, 2)
    torch.testing.assert_close(features, seen[0].flatten(2).transpose(1, 2), atol=1e-4, rtol=1e-4)


@pytest.mark.skipif(not OWN_WEIGHTS.is_file(), reason="the encoder's weights are not beside this checkout")
def test_the_own_weights_fit_exactly() -> None:
    weights = read_weights(OWN_WEIGHTS)
    own = {name for name in build_trunk(OWN_ENCODER).state_dict() if not name.endswith("num_batches_tracked")}
    assert set(weights) - own <= {"target_mean", "target_std"} | {
        name for name in weights if name.endswith("num_batches_tracked")
    }
    assert own <= set(weights)
    encoder = load_encoder(ENCODERS[OWN_ENCODER].config(64), OWN_WEIGHTS).eval()
    assert all(torch.equal(encoder.trunk.state_dict()[name], weights[name]) for name in own)
    with torch.inference_mode():
        features, _ = encoder(pixels(64))
    assert 0.1 < features.std() < 3


def test_a_digest_is_of_what_packages_keep_of_the_weights(tmp_path: Path) -> None:
    encoder = Encoder(EncoderConfig(name="stepped_resnet_small", input_size=64))
    digest = encoder.digest()
    assert digest == encoder.digest() == Encoder(encoder.config, encoder.trunk).digest()
    save_file({name: value.half() for name, value in encoder.trunk.state_dict().items()}, tmp_path / "half.safetensors")
    assert load_encoder(encoder.config, tmp_path / "half.safetensors").digest() == digest
    with torch.no_grad():
        next(encoder.parameters()).view(-1)[0] += 1
    assert encoder.digest() != digest


def test_an_encoder_loads_from_a_file_and_without_one(tmp_path: Path) -> None:
    encoder = own_encoder()
    save_file(encoder.trunk.state_dict(), tmp_path / "own.safetensors")
    config = ENCODERS[OWN_ENCODER].config(64)
    loaded = load_encoder(config, tmp_path / "own.safetensors").eval()
    images = pixels(64)
    with torch.inference_mode():
        assert torch.equal(loaded(images).features, encoder(images).features)
    assert load_encoder(config).config == config
    with pytest.raises(ConfigurationError, match="publishes no weights"):
        load_encoder(config, "official")


# Inference


@pytest.mark.parametrize("name", [OWN_ENCODER, "resnet18", "mobilenet_v2", "efficientnet_b0", "googlenet"])
def test_folding_batch_norms_changes_no_output(name: str) -> None:
    torch.manual_seed(0)
    encoder = Encoder(ENCODERS[name].config(64)).eval()
    randomise_batch_norms(encoder)
    images = pixels(64)
    with torch.inference_mode():
        before = encoder(images).features
        fold_batch_norms(encoder.trunk)
        after = encoder(images).features
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_folding_leaves_no_batch_norm_in_the_own_encoder() -> None:
    trunk = own_encoder().trunk
    assert any(isinstance(module, nn.BatchNorm2d) for module in trunk.modules())
    fold_batch_norms(trunk)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in trunk.modules())


@pytest.mark.parametrize(("precision", "tolerance"), [(torch.float32, 1e-4), (torch.bfloat16, 0.1)])
def test_optimising_for_inference_keeps_the_features(precision: torch.dtype, tolerance: float) -> None:
    encoder = own_encoder()
    randomise_batch_norms(encoder)
    images = pixels(64)
    with torch.inference_mode():
        before = encoder(images).features
        optimised = encoder.optimise_for_inference(precision)
        after = optimised(images).features
    assert optimised.precision == precision
    assert after.dtype == torch.float32
    assert (after - before).norm() < tolerance * before.norm()


# Weight files


@pytest.fixture
def weight_file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    tensors = {"encoder.a": torch.arange(6.0).half(), "encoder.n": torch.tensor(3), "decoder.a": torch.ones(2)}
    save_file(tensors, path)
    return path


def test_weights_are_read_as_float32(weight_file: Path) -> None:
    weights = read_weights(weight_file)
    assert set(weights) == {"encoder.a", "encoder.n", "decoder.a"}
    assert weights["encoder.a"].dtype == torch.float32
    assert weights["encoder.a"].tolist() == [0, 1, 2, 3, 4, 5]
    assert weights["encoder.n"].dtype == torch.int64


def test_only_names_with_the_prefix_are_read(weight_file: Path) -> None:
    assert set(read_weights(weight_file, prefix="encoder.")) == {"a", "n"}


def test_every_truncated_weight_file_is_refused(weight_file: Path) -> None:
    whole = weight_file.read_bytes()
    for size in range(len(whole)):
        weight_file.write_bytes(whole[:size])
        with pytest.raises(ModelPackageError, match="not a complete safetensors file"):
            read_weights(weight_file)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_named(tmp_path: Path, value: float) -> None:
    save_file({"good": torch.ones(2), "bad.weight": torch.tensor([1.0, value])}, tmp_path / "w.safetensors")
    with pytest.raises(ModelPackageError, match=r"bad\.weight holds values that are not finite"):
        read_weights(tmp_path / "w.safetensors")


class Payload:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.canary,))


@pytest.mark.parametrize("suffix", [".safetensors", ".pth", ".pt"])
def test_pickled_files_are_never_opened(tmp_path: Path, suffix: str) -> None:
    canary, path = tmp_path / "executed", tmp_path / f"weights{suffix}"
    pickle.loads(pickle.dumps(Payload(canary)))
    assert canary.exists()
    canary.unlink()
    for write in (lambda: path.write_bytes(pickle.dumps(Payload(canary))), lambda: torch.save(Payload(canary), path)):
        write()
        with pytest.raises(ModelPackageError, match="never opened"):
            read_weights(path)
    assert not canary.exists()


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ModelPackageError, match="does not exist or is not a file"):
        read_weights(tmp_path if kind == "folder" else tmp_path / "weights.safetensors")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    with path.open("wb") as stream:
        stream.truncate(4 * 2**30 + 1)
    with pytest.raises(ModelPackageError, match="larger than 4 GB"):
        read_weights(path)


# The narrower one, and networks that cannot be built without memory


def test_the_small_encoder_leaves_room_for_a_decoder_in_twelve_megabytes() -> None:
    decoder = Decoder(DecoderConfig(project_dim=384, embed_dim=192, decoder_dim=384, attention_dim=192), 2539)
    numbers = sum(weight.numel() for part in (build_trunk(SMALL_ENCODER), decoder) for weight in part.parameters())
    assert 2 * numbers < 11.5e6
    assert ENCODERS[SMALL_ENCODER].dim == ENCODERS[OWN_ENCODER].dim


def test_regnets_are_loaded_from_files(tmp_path: Path) -> None:
    save_file(build_trunk("regnet_y_400mf").state_dict(), tmp_path / "weights.safetensors")
    encoder = load_encoder(ENCODERS["regnet_y_400mf"].config(32), tmp_path / "weights.safetensors").eval()
    assert encoder(pixels(32)).features.shape == (2, 1, 440)
