"""``captioner models``, and what a damaged model package makes every command say."""

import json
import logging
import os
import shutil
from types import SimpleNamespace

import pytest
import typer

from captioner import model_library
from captioner.model_library import CARD, CONFIG, MANIFEST, VOCABULARY, WEIGHTS, seal_package, user_models_folder


@pytest.fixture
def package(tiny_package, tmp_path):
    """A copy of the tiny model to damage; its files share their bytes with the original until they are replaced."""
    return shutil.copytree(tiny_package, tmp_path / "broken", copy_function=os.link)


def replace(path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


@pytest.fixture
def shelf(tiny_package, tmp_path, monkeypatch):
    """The user's folder of models with the tiny model in it, and no bundled one."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(model_library, "bundled_models_folder", lambda: tmp_path / "none")
    folder = user_models_folder()
    shutil.copytree(tiny_package, folder / "tiny", copy_function=os.link)
    return folder


# Damage


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def alter(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("name", [CONFIG, VOCABULARY, WEIGHTS, MANIFEST, CARD])
@pytest.mark.parametrize("damage", [None, cut, alter])
def test_damaged_package_is_named_with_its_file(captioner, photographs, package, name, damage):
    if damage is None:
        (package / name).unlink()
    else:
        replace(package / name, damage((package / name).read_bytes()))
    result = captioner("caption", photographs, "--model", package)
    assert result.out == ""
    # A bit of the manifest's own text may change the hash of another file, which is then the one that is named.
    assert str(package / name) in result.sentence or (name == MANIFEST and str(package) in result.sentence)
    assert "nstall the model again" in result.sentence
    assert captioner("models", "verify", package).sentence == result.sentence


def test_vocabulary_that_does_not_fit_the_weights(captioner, photographs, package):
    content = json.loads((package / VOCABULARY).read_text())
    content["tokens"].append("dog")
    replace(package / VOCABULARY, json.dumps(content).encode())
    replace(package / MANIFEST, b"")
    seal_package(package)
    sentence = captioner("caption", photographs, "--model", package).sentence
    assert f"{package / VOCABULARY} does not fit the weights: it has 15 tokens, the weights 14" in sentence


def test_unknown_model_and_other_folder(captioner, photographs, shelf):
    sentence = captioner("caption", photographs, "-m", "large").sentence
    assert "There is no model 'large'. Installed models: tiny" in sentence
    assert str(photographs / CONFIG) in captioner("caption", photographs, "-m", photographs).sentence


def test_a_model_named_on_the_shelf_lacks_a_file(captioner, photographs, shelf):
    (shelf / "tiny" / CONFIG).unlink()
    assert str(shelf / "tiny" / CONFIG) in captioner("caption", photographs, "-m", "tiny").sentence


# The commands


def test_list(captioner, shelf):
    result = captioner("models", "list")
    assert (result.status, result.err) == (0, "")
    assert "tiny" in result.out
    (row,) = map(json.loads, captioner("models", "list", "--json").out.splitlines())
    assert row["name"] == "tiny"
    assert row["origin"] == "installed"
    assert row["encoder"] == "stepped_resnet_small at 64"
    assert row["path"] == str(shelf / "tiny")
    assert row["description"] == "A model with random weights."


def test_names_in_the_list_can_be_copied_from_it(captioner, shelf):
    name = "flowers-of-the-alps-2026"
    content = json.loads((shelf / "tiny" / CONFIG).read_text()) | {
        "description": "Flowers and what stands around. " * 9
    }
    (shelf / "tiny").rename(shelf / name)
    (shelf / name / CONFIG).unlink()  # it may be a link to a file of other tests
    (shelf / name / CONFIG).write_text(json.dumps(content))
    assert f" {name} " in captioner("models", "list").out


def test_damaged_model_is_told_beside_the_list(captioner, shelf, monkeypatch):
    (shelf / "broken").mkdir()
    (shelf / "broken" / CONFIG).write_text("{")
    monkeypatch.setattr(logging.root, "handlers", [])
    result = captioner("models", "list")
    assert result.status == 0
    assert f"captioner: {shelf / 'broken' / CONFIG} is damaged" in result.err
    assert "tiny" in result.out
    assert "broken" not in result.out


def test_show_prints_the_card(captioner, tiny_package):
    result = captioner("models", "show", tiny_package)
    assert (result.status, result.out) == (0, "# Tiny\n\nKnows ten words.\n")


def test_verify_looks_at_all_and_names_the_bad_ones(captioner, shelf):
    assert captioner("models", "verify").out == "tiny: all files are whole and fit together.\n"
    (shelf / "broken").mkdir()
    (shelf / "broken" / CONFIG).write_text("{")
    shutil.copytree(shelf / "tiny", shelf / "without-card", copy_function=os.link)
    (shelf / "without-card" / CARD).unlink()
    result = captioner("models", "verify")
    assert result.status == 1
    assert result.out == "tiny: all files are whole and fit together.\n"
    assert f"{shelf / 'broken' / CONFIG} is damaged" in result.err
    assert f"{shelf / 'without-card' / CARD} is missing" in result.err


def test_model_travels_in_a_file(captioner, shelf, tiny_package, tmp_path):
    target = tmp_path / "tiny.zip"
    result = captioner("models", "export", "tiny", target)
    assert (result.status, result.out) == (0, f"{target} holds tiny.\n")
    assert "exists already" in captioner("models", "export", "tiny", target).sentence
    assert captioner("models", "export", "tiny", target, "--overwrite").status == 0
    assert captioner("models", "remove", "tiny", "--yes").out == "tiny is removed.\n"
    assert not (shelf / "tiny").exists()
    assert captioner("models", "install", target).out == f"tiny is installed in {shelf / 'tiny'}.\n"
    assert captioner("models", "verify", "tiny").status == 0


def test_nothing_is_removed_unasked(captioner, shelf):
    assert "Add --yes" in captioner("models", "remove", "tiny").sentence
    assert (shelf / "tiny" / CONFIG).exists()
    assert "No model 'large' is installed" in captioner("models", "remove", "large", "--yes").sentence


@pytest.mark.parametrize(("answer", "is_removed"), [(True, True), (False, False)])
def test_removal_is_asked_for(captioner, shelf, monkeypatch, answer, is_removed):
    def confirm(question, *, abort, err):
        assert (question, err) == ("Remove tiny for good?", True)
        if abort and not answer:
            raise typer.Abort

    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(typer, "confirm", confirm)
    assert (captioner("models", "remove", "tiny").status == 0) is is_removed
    assert (shelf / "tiny").exists() is not is_removed


def test_what_is_no_model_is_not_installed(captioner, shelf, photographs):
    sentence = captioner("models", "install", photographs / "photo-1.jpg").sentence
    assert "photo-1.jpg was not installed: it is not a whole zip file" in sentence
    assert [path.name for path in shelf.iterdir()] == ["tiny"]


def test_without_any_model(captioner, shelf, photographs):
    shutil.rmtree(shelf / "tiny")
    assert "no models" in captioner("models", "verify").sentence
    listed = captioner("models", "list")
    assert (listed.status, listed.out) == (0, "")
    assert "no models" in listed.err
    assert "Installed models: none" in captioner("caption", photographs).sentence


def test_info_names_what_a_bug_report_needs(captioner, shelf):
    from captioner import __version__

    result = captioner("info")
    assert result.status == 0
    for expected in (__version__, "torch", "bf16", str(shelf), "tiny", "stepped_resnet18", "resnet50"):
        assert expected in result.out


# Averaging


def test_average_makes_a_model_that_captions(captioner, photographs, tiny_package, tmp_path):
    result = captioner("models", "average", tiny_package, tiny_package, "--output", tmp_path / "mean")
    assert "mean is in" in result.out
    captions = captioner("caption", photographs, "--model", tmp_path / "mean").out
    assert captions == captioner("caption", photographs, "--model", tiny_package).out


def test_quantise_makes_a_smaller_model_that_captions(captioner, photographs, tiny_package, tmp_path):
    result = captioner("models", "quantise", tiny_package, "--bits", "8", "--output", tmp_path / "small")
    assert "small is in" in result.out
    assert "It has not been scored." in result.out
    captions = captioner("caption", photographs, "--model", tmp_path / "small").out
    assert captions == captioner("caption", photographs, "--model", tiny_package).out
    assert "small: all files are whole" in captioner("models", "verify", tmp_path / "small").out


def test_average_of_one_model_is_refused_with_a_sentence(captioner, tiny_package, tmp_path):
    result = captioner("models", "average", tiny_package, "--output", tmp_path / "mean")
    assert "two models" in result.sentence
