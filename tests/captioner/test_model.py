import pytest
import torch

from captioner.config import ModelConfig
from captioner.errors import ConfigurationError
from captioner.model import CaptioningModel


def test_decoder_of_another_width_is_refused(tiny):
    with pytest.raises(ConfigurationError, match="width 5, but stepped_resnet18 gives 320"):
        CaptioningModel(ModelConfig(decoder=tiny.config()), tiny.vocabulary())


def test_features_come_row_by_row_over_the_grid(tiny):
    model = tiny.model()
    encoded = model.encode(torch.zeros((2, 64, 96, 3), dtype=torch.uint8))
    assert encoded.grid == (2, 3)
    assert encoded.features.shape == (2, 6, 320)
    assert not encoded.features.requires_grad
