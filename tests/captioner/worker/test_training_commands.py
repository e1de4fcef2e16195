from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.errors import ConfigurationError, OutputError
from captioner.worker.training_commands import (
    check_arguments,
    extract_arguments,
    recipe_text,
    train_arguments,
    written_recipe,
)
from captioner.worker.training_protocol import DatasetChoice, ExtractionRequest, TrainingRequest

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)))
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = st.booleans() | NUMBERS | TEXT | st.lists(NUMBERS, max_size=3)


@given(st.dictionaries(st.from_regex(r"\A[a-z][a-z_]{0,8}\Z"), VALUES))
def test_a_recipe_says_what_the_settings_say(settings):
    assert tomllib.loads(recipe_text(settings)) == settings


def test_dotted_names_are_settings_within_settings():
    settings = {"decoder.cell": "gru", "decoder.layers": 2, "self_critical.epochs": 0}
    nested = {"decoder": {"cell": "gru", "layers": 2}, "self_critical": {"epochs": 0}}
    assert tomllib.loads(recipe_text(settings)) == nested


@pytest.mark.parametrize("name", ["", "a b", "a\n", ".a", "a..b", 'a"', "[a]"])
def test_what_is_no_name_never_becomes_toml(name):
    with pytest.raises(ConfigurationError, match="not the name of a setting"):
        recipe_text({name: 1})


def test_a_recipe_that_cannot_be_written_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(OutputError, match="settings cannot be written"):
        written_recipe({"epochs": 1})


def test_files_of_a_check_are_never_taken_for_options():
    assert check_arguments(["--full", "c.csv"]) == ("check", "--json", "--", "--full", "c.csv")


def test_all_files_of_a_choice_are_checked():
    assert DatasetChoice("t.h5", "d.h5", "c.csv", images="photos", paths=("coco",)).files == (
        *("coco", "t.h5", "d.h5", "c.csv"),
    )
    assert DatasetChoice("f.h5", captions="c.txt", train_split="train.txt", dev_split="dev.txt").files == (
        *("f.h5", "c.txt", "train.txt", "dev.txt"),
    )
    assert DatasetChoice().files == ()


def test_a_run_goes_on_by_the_command_that_began_it():
    request = TrainingRequest(output="run", resume=True, extend=2, settings={"batch_size": 8}, command="fine-tune")
    expected = ("fine-tune", "--resume", "run", "--batch-size", "8", "--extend", "2")
    assert train_arguments(request) == (*expected, "--events", "jsonl", "--end-with-parent")


@pytest.mark.parametrize("dev_features", [None, "d.h5"])
def test_lists_of_images_say_what_is_trained_on_and_what_chooses(dev_features):
    dataset = DatasetChoice(
        "f.h5", dev_features, "c.txt", images="photos", train_split="train.txt", dev_split="dev.txt"
    )
    arguments = train_arguments(TrainingRequest(dataset=dataset, output="run"))
    named = [path for path in ("c.txt", "f.h5", dev_features, "train.txt", "dev.txt") if path]
    assert list(arguments[arguments.index("--") :]) == ["--", *named]
    assert not {"--features", "--dev-features", "--captions"} & set(arguments)
    assert arguments[arguments.index("--images") + 1] == "photos"


def test_features_and_captions_without_lists_are_named_as_what_they_are():
    dataset = DatasetChoice("t.h5", "d.h5", "c.csv")
    arguments = train_arguments(TrainingRequest(dataset=dataset, output="run"))
    assert arguments[:7] == ("train", "--features", "t.h5", "--dev-features", "d.h5", "--captions", "c.csv")
    assert "--" not in arguments


def test_a_run_records_where_its_photographs_are():
    dataset = DatasetChoice("t.h5", captions="c.csv", images="photos")
    arguments = train_arguments(TrainingRequest(dataset=dataset, output="run"))
    assert arguments[arguments.index("--images") + 1] == "photos"
    assert "--images" not in train_arguments(TrainingRequest(dataset=DatasetChoice("t.h5", captions="c.csv")))


def test_an_extraction_is_asked_for_with_all_its_options():
    least = extract_arguments(ExtractionRequest(images="photos", output="f.h5"))
    assert least == ("extract", "--images", "photos", "--output", "f.h5", "--views", "0", "--events", "jsonl")
    request = ExtractionRequest(
        images="photos",
        output="f.h5",
        split="train.txt",
        encoder="vgg16",
        weights="official",
        input_size=64,
        views=7,
        is_overwriting=True,
    )
    assert extract_arguments(request) == (
        *("extract", "--images", "photos", "--output", "f.h5", "--views", "7", "--split", "train.txt"),
        *("--encoder", "vgg16", "--weights", "official", "--input-size", "64", "--overwrite", "--events", "jsonl"),
    )


def test_a_data_set_of_any_layout_is_named_by_its_paths():
    request = TrainingRequest(dataset=DatasetChoice(paths=("--coco", "more.h5")), output="run", name="mine")
    arguments = train_arguments(request)
    assert arguments[-3:] == ("--", "--coco", "more.h5")
    assert "--features" not in arguments
    assert "--" not in train_arguments(TrainingRequest(dataset=DatasetChoice("t.h5", captions="c.csv"), output="run"))


def test_a_run_may_start_from_a_model_and_goes_on_without_it():
    dataset = DatasetChoice("t.h5", captions="c.csv", model="mine")
    begun = train_arguments(TrainingRequest(dataset=dataset, output="run", start_from="mine"))
    assert begun[begun.index("--start-from") + 1] == "mine"
    assert begun[begun.index("--model") + 1] == "mine"
    assert "--start-from" not in train_arguments(TrainingRequest(output="run", resume=True, start_from="mine"))
    assert "--start-from" not in train_arguments(TrainingRequest(dataset=dataset, output="run"))


def test_a_run_is_told_what_made_its_features():
    dataset = DatasetChoice("t.h5", captions="c.csv", encoder="vgg16", encoder_weights="vgg16.safetensors")
    arguments = train_arguments(TrainingRequest(dataset=dataset, output="run"))
    assert arguments[arguments.index("--encoder") :][:4] == ("--encoder", "vgg16", "--weights", "vgg16.safetensors")


def test_a_check_may_count_rare_words_as_known():
    assert check_arguments(["c.csv"], 1) == ("check", "--json", "--min-word-count", "1", "--", "c.csv")
