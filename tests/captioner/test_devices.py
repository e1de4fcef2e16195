import pytest
import torch

from captioner.devices import DEVICES, autocast_dtype, choose_device, choose_precision, has_fast_bfloat16
from captioner.errors import ConfigurationError, DeviceError

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_the_first_that_is_there(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device().type == expected
    for name in DEVICES[1:]:
        if name == "cpu" or {"cuda": cuda, "mps": mps}[name]:
            assert choose_device(name).type == name
        else:
            with pytest.raises(DeviceError, match=f"no usable {name}"):
                choose_device(name)


def test_unknown_device_is_refused():
    with pytest.raises(ConfigurationError, match=r"no device 'tpu'.*auto, cpu, cuda, mps"):
        choose_device("tpu")


@pytest.mark.parametrize(("capability", "expected"), [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_emulated_bfloat16_is_not_taken(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert has_fast_bfloat16(torch.device("cuda")) is expected
    assert choose_precision("auto", torch.device("cuda")) == (torch.bfloat16 if expected else torch.float32)


def test_precision_asked_for_is_taken():
    assert choose_precision("float32", CPU) == torch.float32
    assert choose_precision("bfloat16", CPU) == torch.bfloat16
    assert autocast_dtype("float32") is None
    assert autocast_dtype("bfloat16", CPU) == torch.bfloat16
