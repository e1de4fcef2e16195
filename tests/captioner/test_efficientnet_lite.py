import pytest
import torch

from captioner.efficientnet_lite import LITE_ENCODERS, EfficientNetLite
from captioner.encoder_registry import encoder_spec
from captioner.encoders import build_trunk, fold_batch_norms


# Of the published models, batch norms' statistics left out: https://github.com/tensorflow/tpu, efficientnet/lite.
@pytest.mark.parametrize(
    ("name", "parameters"),
    [("efficientnet_lite0", 4_652_008), ("efficientnet_lite1", 5_416_680), ("efficientnet_lite2", 6_092_072)],
)
def test_sizes_are_those_of_the_published_models(name, parameters):
    with torch.device("meta"):
        network = EfficientNetLite(name)
    assert sum(weight.numel() for weight in network.parameters()) == parameters


@pytest.mark.parametrize("name", LITE_ENCODERS)
def test_grids_and_widths_are_those_of_the_registry(name):
    spec = encoder_spec(name)
    features = build_trunk(name).eval()(torch.zeros(1, 3, 96, 64))["features"]
    assert features.shape == (1, spec.dim, 96 // spec.stride, 64 // spec.stride)


def test_what_is_odd_is_padded_right_and_below():
    network = EfficientNetLite("efficientnet_lite0").eval()
    strided = [
        module[:2]
        for module in network.modules()
        if isinstance(module, torch.nn.Sequential) and isinstance(module[0], torch.nn.ZeroPad2d)
    ]
    assert [layers[1].kernel_size[0] for layers in strided] == [3, 3, 5, 3, 5]
    for layers in strided:
        torch.nn.init.ones_(layers[1].weight)
        seen = layers(torch.ones(1, layers[1].weight.shape[0] if layers[1].groups > 1 else 3, 8, 8))[0, 0]
        kernel, channels = layers[1].kernel_size[0], layers[1].weight.shape[1]
        assert seen.shape == (4, 4)
        # A kernel of 3 begins inside, one of 5 a pixel before; at the end either reaches one further out.
        outside = (kernel - 2) // 2
        assert seen[0, 0] == channels * (kernel - outside) ** 2
        assert seen[-1, -1] == channels * (kernel - outside - 1) ** 2


def test_folding_its_batch_norms_keeps_the_scores():
    torch.manual_seed(0)
    network = EfficientNetLite("efficientnet_lite0", classes=7)
    images = torch.randn(4, 3, 64, 64)
    with torch.no_grad():
        network.train()(images)
        before = network.eval()(images)
        fold_batch_norms(network)
        after = network(images)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())
    assert before.shape == (4, 7)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)
