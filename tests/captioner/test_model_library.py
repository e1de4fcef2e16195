import errno
import json
import pickle
import shutil

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch.utils._python_dispatch import TorchDispatchMode

from captioner import model_library
from captioner.decoding import decode
from captioner.errors import CaptionerError, ModelPackageError, OutputError, VocabularyError
from captioner.model_about import PackageAbout
from captioner.model_library import (
    CARD,
    CONFIG,
    MANIFEST,
    PACKAGE_FILES,
    VOCABULARY,
    WEIGHTS,
    find_package,
    list_packages,
    read_package,
    save_package,
    seal_package,
)


@pytest.fixture(scope="module")
def saved(tiny, tmp_path_factory):
    """A package that no test alters, and the model that it was made of."""
    model = tiny.model()
    path = tmp_path_factory.mktemp("models") / "tiny"
    return model, save_package(model, path, description="Tiny.", card="# Tiny\n")


@pytest.fixture
def package(saved, tmp_path):
    """A copy to alter."""
    shutil.copytree(saved[1].path, tmp_path / "tiny")
    return tmp_path / "tiny"


def edit_json(path, **changes):
    content = json.loads(path.read_text())
    for name, change in changes.items():
        content[name] = content.get(name, {}) | change if isinstance(change, dict) else change
    path.write_text(json.dumps(content))
    seal_package(path.parent)


def edit_weights(path, change):
    weights = load_file(path / WEIGHTS)
    change(weights)
    save_file(weights, path / WEIGHTS)
    seal_package(path)


def refusal(path):
    """What loading the package in the folder ``path`` is refused with."""
    with pytest.raises(ModelPackageError) as caught:
        read_package(path).load()
    return caught.value


def test_round_trip(saved):
    model, package = saved
    package.verify()
    again = package.load()
    assert again.config == model.config == package.config
    assert again.vocabulary == model.vocabulary
    assert (package.name, package.description, package.card) == ("tiny", "Tiny.", "# Tiny\n")
    assert package.bytes == sum(file.stat().st_size for file in package.path.iterdir())
    pixels = torch.randint(0, 255, (3, 64, 64, 3), dtype=torch.uint8)
    features = [one.encode(pixels).features for one in (model, again)]
    torch.testing.assert_close(features[1], features[0], atol=0.02, rtol=0.02)
    captions = [decode(one.decoder, features[0], model.config.decoding) for one in (model, again)]
    for before, after in zip(*captions, strict=True):
        assert after.best.token_ids == before.best.token_ids
        assert after.best.score == pytest.approx(before.best.score, abs=0.05)


def test_what_is_said_about_a_model_travels_with_it(tiny, tmp_path):
    about = PackageAbout(data="8 photographs.", licence="MIT", scores=(("CIDEr", 50.3), ("BLEU-4", 21)))
    saved = save_package(tiny.model(), tmp_path / "told", description="", card="", about=about)
    assert saved.about == read_package(saved.path).about == about


def test_nothing_need_be_said_about_a_model(saved):
    assert saved[1].about == PackageAbout()
    assert "about" not in json.loads((saved[1].path / CONFIG).read_text())


def test_loaded_model_is_whole_and_frozen(saved):
    model = saved[1].load()
    assert not model.training
    assert not any(tensor.is_meta or tensor.requires_grad for tensor in model.state_dict().values())
    assert model.decoder.output.weight is model.decoder.embedding.weight
    assert all(value.dtype == torch.float32 for value in model.parameters())


def test_untied_model_keeps_both_matrices(tiny, tmp_path):
    model = tiny.model(tied_embeddings=False)
    again = save_package(model, tmp_path / "untied", description="", card="").load()
    torch.testing.assert_close(again.decoder.output.weight, model.decoder.output.weight, atol=1e-2, rtol=1e-2)
    assert again.decoder.output.weight is not again.decoder.embedding.weight


def test_encoder_alone_is_loaded_at_another_size(saved):
    encoder = saved[1].load_encoder(96)
    assert encoder.config.input_size == 96
    assert encoder(torch.zeros((1, 96, 96, 3), dtype=torch.uint8)).grid == (3, 3)


def test_values_too_large_for_float16_are_kept(tiny, tmp_path):
    model = tiny.model()
    model.encoder.trunk.stage8[0][1].running_var[0] = 1e6
    again = save_package(model, tmp_path / "large", description="", card="").load()
    assert again.encoder.trunk.stage8[0][1].running_var[0] == 1e6


@pytest.mark.parametrize("name", [*PACKAGE_FILES, MANIFEST])
def test_missing_file_is_named(package, name):
    (package / name).unlink()
    with pytest.raises(ModelPackageError, match=f"{name} is missing"):
        read_package(package).load()


@pytest.mark.parametrize("name", [VOCABULARY, WEIGHTS, CARD])
@pytest.mark.parametrize("damage", ["cut", "longer", "flipped"])
def test_damaged_file_is_named(package, name, damage):
    content = bytearray((package / name).read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "longer":
        content += b"\n"
    else:
        content[len(content) // 2] ^= 1
    (package / name).write_bytes(content)
    reason = {"cut": "cut short", "longer": "too long", "flipped": "hash"}[damage]
    assert f"{package / name} is damaged: " in refusal(package).message
    assert reason in refusal(package).message


@pytest.mark.parametrize("name", [CONFIG, MANIFEST])
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 50_000, b'{"format_version": 99}', b" " * 2**21])
def test_damaged_json_is_named(package, name, content):
    (package / name).write_bytes(content)
    assert str(package / name) in refusal(package).message


@pytest.mark.parametrize("entry", [None, {}, {"bytes": "1", "sha256": ""}, {"bytes": 1}, 3])
def test_damaged_manifest_entry_is_refused(package, entry):
    manifest = json.loads((package / MANIFEST).read_text())
    manifest["files"][WEIGHTS] = entry
    (package / MANIFEST).write_text(json.dumps(manifest))
    assert "no entry for weights" in refusal(package).message


class Allocations(TorchDispatchMode):
    """Bytes of the largest tensor that was made in memory."""

    largest = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and not result.is_meta:
            self.largest = max(self.largest, result.nbytes)
        return result


def test_allocations_are_seen(saved):
    with Allocations() as allocations:
        saved[1].load()
    assert allocations.largest > 1e6


@pytest.mark.parametrize(
    "changes",
    [
        {"decoder": {"encoder_dim": 64}},
        {"decoder": {"decoder_dim": 10}},
        {"decoder": {"decoder_dim": 16384, "embed_dim": 16384, "project_dim": 16384, "attention_dim": 16384}},
        {"decoder": {"tied_embeddings": False}},
        {"decoder": {"gate": "none"}},
        {"encoder": {"name": "vgg16"}},
        {"encoder": {"name": "../../etc/passwd"}},
        {"encoder": {"input_size": 65}},
        {"encoder": {"colour": 1}},
        {"description": 7},
        {"about": 7},
        {"about": {"scores": {"CIDEr": "high"}}},
    ],
    ids=str,
)
def test_configuration_that_does_not_fit_is_refused_without_allocating(package, changes):
    edit_json(package / CONFIG, **changes)
    with Allocations() as allocations:
        assert "damaged" in refusal(package).message
    assert allocations.largest < 1e6


def test_vocabulary_that_does_not_fit_is_refused(package, tiny):
    (package / VOCABULARY).write_text(tiny.vocabulary(9).to_json())
    seal_package(package)
    error = refusal(package)
    assert isinstance(error, VocabularyError)
    assert "13 tokens, the weights 12" in error.message


def test_duplicate_tokens_are_refused(package):
    edit_json(package / VOCABULARY, tokens=[*json.loads((package / VOCABULARY).read_text())["tokens"][:-1], "word0"])
    assert isinstance(refusal(package), VocabularyError)


@pytest.mark.parametrize("name", ["decoder.cell.words.weight", "encoder.stage8.0.0.weight"])
@pytest.mark.parametrize("damage", ["nan", "inf", "missing", "shape", "whole numbers", "scalar"])
def test_damaged_weights_are_named(package, name, damage):
    def change(weights):
        if damage == "missing":
            del weights[name]
        elif damage == "shape":
            weights[name] = weights[name][:-1].contiguous()
        elif damage == "whole numbers":
            weights[name] = weights[name].to(torch.int8)
        elif damage == "scalar":
            weights[name] = torch.zeros(())
        else:
            weights[name].view(-1)[5] = float(damage)

    edit_weights(package, change)
    message = refusal(package).message
    assert name.split(".", 1)[1] in message
    assert str(package / WEIGHTS) in message


@pytest.mark.parametrize("name", ["decoder.extra", "encoder.extra"])
def test_extra_weights_are_refused(package, name):
    edit_weights(package, lambda weights: weights.update({name: torch.zeros(3)}))
    assert f"{name} is [3]" in refusal(package).message


def test_word_matrix_without_shape_is_refused(package):
    edit_weights(package, lambda weights: weights.update({"decoder.embedding.weight": torch.zeros(())}))
    assert "embedding.weight" in refusal(package).message


class Canary:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_pickle_is_never_executed(package, tmp_path, writer):
    canary = Canary(tmp_path / "executed")
    with (package / WEIGHTS).open("wb") as file:
        if writer == "pickle":
            pickle.dump(canary, file)
        else:
            torch.save({"decoder.embedding.weight": canary}, file)
    seal_package(package)
    assert "not a complete safetensors file" in refusal(package).message
    assert not (tmp_path / "executed").exists()


# Finding and saving


@pytest.fixture
def shelf(saved, tmp_path, monkeypatch):
    """Bundled and user folders, one package in the first."""
    bundled, user = tmp_path / "bundled", tmp_path / "user"
    shutil.copytree(saved[1].path, bundled / "tiny")
    monkeypatch.setattr(model_library, "bundled_models_folder", lambda: bundled)
    monkeypatch.setattr(model_library, "user_models_folder", lambda: user)
    monkeypatch.setattr(model_library, "DEFAULT_MODEL", "tiny")
    return bundled, user


def test_installed_package_hides_its_bundled_namesake(shelf):
    bundled, user = shelf
    assert [package.origin for package in list_packages()] == ["bundled"]
    shutil.copytree(bundled / "tiny", user / "tiny")
    shutil.copytree(bundled / "tiny", user / "other")
    assert [(package.name, package.origin) for package in list_packages()] == [
        ("other", "installed"),
        ("tiny", "installed"),
    ]
    assert find_package("tiny").path == user / "tiny"
    assert find_package().path == user / "tiny"
    assert find_package(bundled / "tiny").origin == "folder"


def test_damaged_and_unfinished_packages_are_not_listed(shelf, caplog):
    bundled, user = shelf
    (user / "broken").mkdir(parents=True)
    (user / "broken" / CONFIG).write_text("{")
    (user / "empty").mkdir()
    shutil.copytree(bundled / "tiny", user / ".tiny-abc123")
    assert [package.name for package in list_packages()] == ["tiny"]
    assert "broken" in caplog.text


@pytest.mark.parametrize("name", ["missing", "..", "a/b", "x" * 5000, "nul\0", ""])
def test_unknown_name_is_refused(shelf, name, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(ModelPackageError):
        find_package(name)


def test_unknown_name_lists_what_there_is(shelf):
    with pytest.raises(ModelPackageError, match="Installed models: tiny"):
        find_package("large")


def test_saving_never_writes_over_anything(saved, tmp_path):
    (tmp_path / "kept").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        save_package(saved[0], tmp_path / "kept", description="", card="")
    assert list((tmp_path / "kept").iterdir()) == []


def test_model_whose_batch_norms_were_folded_is_not_packaged(tiny, tmp_path):
    model = tiny.model()
    model.encoder.optimise_for_inference(torch.float32)
    with pytest.raises(ModelPackageError, match="optimised for inference"):
        save_package(model, tmp_path / "folder" / "new", description="", card="")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), SafetensorError("I/O error"), KeyboardInterrupt()]
)
def test_failed_save_leaves_nothing(saved, tmp_path, monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(model_library, "write_weights", fail)
    expected = KeyboardInterrupt if isinstance(failure, KeyboardInterrupt) else OutputError
    with pytest.raises(expected):
        save_package(saved[0], tmp_path / "folder" / "new", description="", card="")
    assert list((tmp_path / "folder").iterdir()) == []


def test_unwritable_place_is_refused(saved, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CaptionerError, match="cannot be written"):
        save_package(saved[0], tmp_path / "file" / "new", description="", card="")


@pytest.mark.parametrize("name", ["mine", "../mine", 3])
def test_the_folder_of_a_run_without_a_model_is_no_damaged_package(tmp_path, name):
    (tmp_path / CONFIG).write_text(json.dumps({"sources": {"name": name}, "training": {}}))
    with pytest.raises(ModelPackageError, match="is a run that has made no model yet"):
        find_package(tmp_path)
