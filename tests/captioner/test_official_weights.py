"""Published weights: checked, converted at once, read from the cache afterwards, and never able to run anything."""

from __future__ import annotations

import hashlib
import http.server
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from captioner import download, official_weights
from captioner.efficientnet_lite import LITE_ENCODERS
from captioner.encoder_registry import ENCODERS, OWN_ENCODERS
from captioner.encoders import Encoder
from captioner.errors import ConfigurationError, DownloadError, ModelPackageError
from captioner.official_weights import fetch_official_weights, published_weights

STATE = OrderedDict(
    {
        "conv1.weight": torch.arange(24.0).reshape(2, 3, 2, 2),
        "bn1.num_batches_tracked": torch.tensor(7),
        "fc.weight": torch.nn.Parameter(torch.ones(2, 3)),
        "features.denselayer1.norm.1.weight": torch.ones(4),
        "features.denselayer12.conv.2.weight": torch.ones(4, 1, 1, 1),
        "half": torch.ones(3, dtype=torch.float16),
        "transposed": torch.arange(6.0).reshape(2, 3).t(),
    }
)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


Publish = Callable[[Callable[[Path], None]], Path]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publish]:
    """Publishes what a function writes, under its hash, on a server of this machine; the cache folder is empty."""
    folder = tmp_path / "server"
    folder.mkdir()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(official_weights, "official_weights_folder", lambda: tmp_path / "cache")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        monkeypatch.setattr(download, "is_safe_url", lambda url: url.startswith(address))

        def write_and_announce(write: Callable[[Path], None]) -> Path:
            write(folder / "new")
            digits = hashlib.sha256((folder / "new").read_bytes()).hexdigest()[:8]
            published = (folder / "new").rename(folder / f"tiny-{digits}.pth")
            monkeypatch.setattr(official_weights, "published_weights", lambda _: (f"{address}{published.name}", digits))
            return published

        yield write_and_announce
        server.shutdown()
        thread.join()


def save(state: Any, **options: Any) -> Callable[[Path], None]:
    return partial(torch.save, state, **options)


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "legacy"])
def test_weights_are_converted_and_cached(publish: Publish, tmp_path: Path, is_zip: bool) -> None:
    published = publish(save(STATE, _use_new_zipfile_serialization=is_zip))
    seen: list[tuple[int, int]] = []
    first = fetch_official_weights("tiny", on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (published.stat().st_size,) * 2
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {f"{published.stem}.safetensors"}

    published.unlink()
    second = fetch_official_weights("tiny")
    renamed = {"features.denselayer1.norm1.weight", "features.denselayer12.conv2.weight"}
    assert set(first) == set(second) == {name for name in STATE if "denselayer" not in name} | renamed
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name])
        if name in STATE:
            assert torch.equal(tensor, STATE[name].to(tensor.dtype))
    assert first["half"].dtype == torch.float32


def test_a_damaged_cache_is_downloaded_again(publish: Publish, tmp_path: Path) -> None:
    published = publish(save(STATE))
    fetch_official_weights("tiny")
    cached = tmp_path / "cache" / f"{published.stem}.safetensors"
    cached.write_bytes(cached.read_bytes()[:100])
    assert torch.equal(fetch_official_weights("tiny")["conv1.weight"], STATE["conv1.weight"])


def test_another_hash_than_published_is_refused(publish: Publish, tmp_path: Path) -> None:
    published = publish(save(STATE))
    published.write_bytes(published.read_bytes()[:-1] + b"x")
    with pytest.raises(DownloadError, match="not the file that was published"):
        fetch_official_weights("tiny")
    assert list((tmp_path / "cache").iterdir()) == []


def test_cancelling_stops_the_download(publish: Publish, tmp_path: Path) -> None:
    publish(save(STATE))
    with pytest.raises(DownloadError, match="stopped"):
        fetch_official_weights("tiny", should_cancel=lambda: True)
    assert not list((tmp_path / "cache").glob("*.safetensors"))


class Payload:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.canary,))


@pytest.mark.parametrize("kind", ["torch", "plain pickle", "inside a state"])
def test_a_pickled_payload_is_never_executed(publish: Publish, tmp_path: Path, kind: str) -> None:
    canary = tmp_path / "executed"
    payload: Any = {"weight": Payload(canary)} if kind == "inside a state" else Payload(canary)
    pickle.loads(pickle.dumps(payload))
    assert canary.exists()
    canary.unlink()

    def write(path: Path) -> None:
        if kind == "plain pickle":
            path.write_bytes(pickle.dumps(payload, protocol=2))
        else:
            torch.save(payload, path)

    publish(write)
    with pytest.raises(ModelPackageError, match="not a file of weights"):
        fetch_official_weights("tiny")
    assert not canary.exists()
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.filterwarnings("ignore:Validating sparse tensor invariants")
@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, {1: torch.ones(1)}, {"a": torch.ones(2, 2).to_sparse()}])
def test_what_is_no_dictionary_of_tensors_is_refused(publish: Publish, tmp_path: Path, content: Any) -> None:
    publish(save(content))
    with pytest.raises(ModelPackageError):
        fetch_official_weights("tiny")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("name", [*OWN_ENCODERS, *LITE_ENCODERS, "no_such_network", ""])
def test_networks_without_published_weights_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="publishes no weights"):
        fetch_official_weights(name)


@pytest.mark.parametrize("name", sorted(set(ENCODERS) - {*OWN_ENCODERS, *LITE_ENCODERS}))
def test_every_other_encoder_has_weights_with_a_hash(name: str) -> None:
    url, digits = published_weights(name)
    assert url.startswith("https://")
    assert digits in url
    assert len(digits) >= 8


def test_published_names_fit_the_encoder(publish: Publish) -> None:
    from torchvision.models import densenet121

    state = densenet121(weights=None).state_dict()
    old_names = {name.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): state[name] for name in state}
    assert set(old_names) != set(state)
    publish(save(old_names))
    encoder = Encoder(ENCODERS["densenet121"].config(64))
    encoder.load_trunk(fetch_official_weights("densenet121"), source="The download")
    name = "features.denseblock1.denselayer1.norm1.weight"
    assert torch.equal(encoder.trunk.state_dict()[name], state[name])
