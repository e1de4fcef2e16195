import pytest
import torch

from captioner.efficientnet_lite import EfficientNetLite


@pytest.fixture(scope="module")
def published():
    """Weights as they are published: in the same order, by other names."""
    with torch.device("meta"):
        state = EfficientNetLite("efficientnet_lite2").state_dict()
    return {f"_layer{index}.{name.rpartition('.')[2]}": weight for index, (name, weight) in enumerate(state.items())}


def test_published_weights_get_the_names_of_our_network(recipe, published):
    weights = recipe("teacher_weights").renamed(published)
    with torch.device("meta"):
        network = EfficientNetLite("efficientnet_lite2")
    network.load_state_dict(weights, assign=True)
    assert all(ours is theirs for ours, theirs in zip(weights.values(), published.values(), strict=True))


def test_weights_of_another_network_are_refused(recipe, published):
    other = {name.replace("1.weight", "1.bias", 1): weight for name, weight in published.items()}
    with pytest.raises(SystemExit, match=r"^_layer1\.bias \(32,\) is not features\.0\.2\.weight \(32,\)\.$"):
        recipe("teacher_weights").renamed(other)


def test_a_file_that_was_altered_is_never_opened(recipe, monkeypatch, tmp_path):
    script, published = recipe("teacher_weights"), tmp_path / "teacher.pth"
    published.write_bytes(b"not the published weights")
    monkeypatch.setattr(script, "_published_file", lambda: published)
    monkeypatch.setattr(script.torch, "load", lambda *_, **__: pytest.fail("an unknown file was read"))
    monkeypatch.setattr("sys.argv", ["teacher_weights.py", str(tmp_path / "out.safetensors")])
    with pytest.raises(SystemExit, match="is not the file that this recipe knows"):
        script.main()
