"""``captioner caption``: what is captioned, in which form, and what happens when something goes wrong."""

import csv
import io
import json
import os
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from captioner.captioning import Captioner
from captioner.errors import ImageError, OutputError

WORDS = {"a", "red", "blue", "green", "circle", "box", "on", "the", "dark", "ground"}
NAMES = ["photo-1.jpg", "photo-2.jpg", "photo-3.jpg"]


def names(lines: str) -> list[str]:
    return [Path(line.split(": ")[0]).name for line in lines.splitlines()]


# What is captioned


def test_files_folders_and_patterns(caption, photographs):
    for paths in ([photographs / name for name in NAMES], [photographs], [photographs / "*.jpg"]):
        result = caption(*paths)
        assert (result.status, result.err) == (0, "")
        assert names(result.out) == NAMES
        assert all(set(line.split(": ")[1].split()) <= WORDS for line in result.out.splitlines())
    assert names(caption(photographs, "--recursive").out) == [*NAMES, "deep.png"]
    assert names(caption(photographs / "**" / "*.png").out) == ["deep.png"]


def test_an_image_named_twice_is_captioned_once(caption, photographs):
    assert names(caption(photographs / NAMES[1], photographs, photographs / "*.jpg").out) == [
        NAMES[1],
        NAMES[0],
        NAMES[2],
    ]


def test_results_stream(caption, photographs, monkeypatch):
    """Each caption is on the screen before the next image is captioned."""
    events: list[str] = []
    real = Captioner._caption_batch

    def watched(self, batch, options):
        events.append(f"captioned {batch[0].path.name}")
        return real(self, batch, options)

    monkeypatch.setattr(Captioner, "_caption_batch", watched)
    monkeypatch.setattr("captioner.cli.caption._print", lambda text: text and events.append(*names(f"shown {text}")))
    caption(*(photographs / name for name in NAMES), "--batch-size", 1)
    assert [event.split()[0] for event in events if event.startswith("captioned")] == ["captioned"] * 3
    assert events[1::2] == NAMES


def test_options_reach_the_search(caption, photographs):
    path = photographs / NAMES[0]
    one = caption(path, "--min-length", 1, "--max-length", 1).out.split(": ")[1].split()
    assert len(one) == 1
    long = caption(path, "--min-length", 6, "--max-length", 6, "--no-repeat-ngram", 1, "--beam-size", 5)
    assert len(set(long.out.split(": ")[1].split())) == 6
    drawn = {caption(path, "--sample", "--seed", seed, "--temperature", 2).out for seed in range(4)}
    assert len(drawn) > 1
    assert caption(path, "--sample", "--seed", 3).out == caption(path, "--sample", "--seed", 3).out


def test_lengths_that_contradict_are_one_sentence(caption, photographs):
    result = caption(photographs, "--min-length", 9, "--max-length", 3)
    assert "0 <= min <= max" in result.sentence


# Forms


def test_json_lines(caption, photographs):
    result = caption(photographs, "--format", "json")
    for line, name in zip(result.out.splitlines(), NAMES, strict=True):
        entry = json.loads(line)
        assert list(entry) == ["path", "caption", "words", "log_probability", "width", "height", "model"]
        assert entry["path"] == str(photographs / name)
        assert entry["caption"] == " ".join(word["text"] for word in entry["words"])
        assert all(set(word) == {"text", "log_probability"} and word["log_probability"] <= 0 for word in entry["words"])
        # The end of the caption has a probability as well.
        assert entry["log_probability"] <= sum(word["log_probability"] for word in entry["words"]) + 1e-4
        assert (entry["width"], entry["height"], entry["model"]) == (96, 64, "tiny")


def test_csv(caption, photographs):
    rows = list(csv.DictReader(io.StringIO(caption(photographs, "-f", "csv").out)))
    assert [Path(row["path"]).name for row in rows] == NAMES
    assert set(rows[0]) == {"path", "caption", "log_probability", "width", "height", "model"}
    assert all(float(row["log_probability"]) < 0 for row in rows)


def test_coco_results(caption, photographs):
    entries = json.loads(caption(photographs, "-f", "coco").out)
    assert [(entry["image_id"], entry["file_name"]) for entry in entries] == list(enumerate(NAMES, start=1))
    for number, name in enumerate(NAMES, start=41):
        (photographs / name).rename(photographs / f"COCO_val2014_{number:012d}.jpg")
    entries = json.loads(caption(photographs, "-f", "coco").out)
    assert [entry["image_id"] for entry in entries] == [41, 42, 43]
    assert all(set(entry) == {"image_id", "caption"} for entry in entries)


def test_output_file_holds_what_the_screen_would_show(caption, photographs, tmp_path):
    for form in ("text", "json", "csv", "coco"):
        shown = caption(photographs, "-f", form).out
        result = caption(photographs, "-f", form, "--output", tmp_path / form)
        assert (result.status, result.out, result.err) == (0, "", "")
        assert (tmp_path / form).read_text(encoding="utf-8") == shown


def test_page_of_captions(caption, photographs, tmp_path):
    shown = caption(photographs).out
    result = caption(photographs, "-f", "html", "--output", tmp_path / "captions.html")
    assert (result.status, result.out, result.err) == (0, "", "")
    page = (tmp_path / "captions.html").read_text(encoding="utf-8")
    assert "Captions of 3 photographs" in page
    assert page.count("data:image/jpeg") == 3
    assert all(f'alt="{line.split(": ")[1]}"' in page for line in shown.splitlines())


def test_page_needs_a_file(captioner, photographs):
    """Told at once: no model is loaded for it."""
    result = captioner("caption", photographs, "-f", "html", "--model", "none such")
    assert "A page needs a file" in result.sentence


# Attention


def test_figures_and_weights(caption, photographs, tmp_path):
    folder = tmp_path / "new" / "figures"
    assert caption(photographs, "--attention", folder).status == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"photo-{number}{suffix}" for number in (1, 2, 3) for suffix in (".png", ".npz")
    )
    with np.load(folder / "photo-1.npz") as weights:
        assert weights["alphas"].shape == (len(weights["words"]), 4)
        assert np.allclose(weights["alphas"].sum(axis=1), 1, atol=1e-3)
        assert weights["image_size"].tolist() == [96, 64]
    with Image.open(folder / "photo-1.png") as figure:
        assert figure.width > 96


@pytest.mark.parametrize(("form", "start"), [("svg", b"<svg"), ("pdf", b"%PDF"), ("gif", b"GIF89a")])
def test_figures_of_other_kinds(caption, photographs, tmp_path, form, start):
    assert caption(photographs / NAMES[0], "--attention", tmp_path / "figures", "--figure-format", form).status == 0
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == sorted(["photo-1.npz", f"photo-1.{form}"])
    assert (tmp_path / "figures" / f"photo-1.{form}").read_bytes().startswith(start)


def test_figures_replace_nothing_unless_asked_and_a_photograph_never(caption, photographs):
    inside = photographs / "inside"
    before = (inside / "deep.png").read_bytes()
    assert caption(inside, "--attention", inside, "--overwrite").status == 0
    assert (inside / "deep.png").read_bytes() == before
    assert (inside / "deep-2.png").exists()
    assert caption(photographs / NAMES[0], "--attention", inside).status == 0
    assert caption(photographs / NAMES[0], "--attention", inside).status == 0
    assert (inside / "photo-1-2.npz").exists()
    assert caption(photographs / NAMES[0], "--attention", inside, "--overwrite").status == 0
    assert not (inside / "photo-1-3.npz").exists()


def test_folder_for_figures_that_cannot_be(caption, photographs):
    result = caption(photographs, "--attention", photographs / NAMES[0])
    assert "cannot be made a folder" in result.sentence
    assert result.out == ""


def test_photograph_that_vanishes_before_its_figure_costs_only_itself(caption, photographs, tmp_path, monkeypatch):
    from captioner.exports import sources

    real = sources.open_photograph

    def vanish(path, **options):
        if Path(path).name == NAMES[1]:
            raise ImageError(f"{path} does not exist. Check the name.", path=path)
        return real(path, **options)

    monkeypatch.setattr(sources, "open_photograph", vanish)
    result = caption(photographs, "--attention", tmp_path / "figures")
    assert result.status == 1
    assert names(result.out) == NAMES
    assert result.err.count("\n") == 1
    assert len(list((tmp_path / "figures").glob("*.png"))) == 2


def test_captions_are_kept_when_a_figure_cannot_be_written(caption, photographs, tmp_path, monkeypatch):
    from captioner.exports import figure

    def fill_the_disk(*_):
        raise OutputError("photo-1.png could not be written: No space left on device.")

    monkeypatch.setattr(figure, "save_figure", fill_the_disk)
    result = caption(photographs, "--attention", tmp_path / "figures", "--output", tmp_path / "out.txt")
    assert "No space left" in result.sentence
    assert names((tmp_path / "out.txt").read_text()) == NAMES[:1]


# Where results may go


def test_existing_output_is_kept(caption, photographs, tmp_path):
    output = tmp_path / "captions.txt"
    output.write_text("precious\n")
    assert "--overwrite" in caption(photographs, "--output", output).sentence
    assert output.read_text() == "precious\n"
    assert caption(photographs, "--output", output, "--overwrite").status == 0
    assert names(output.read_text()) == NAMES


def test_output_is_never_a_photograph(caption, photographs):
    path = photographs / NAMES[0]
    before = path.read_bytes()
    assert "name of an image" in caption(photographs / NAMES[1], "-o", path, "--overwrite").sentence
    assert path.read_bytes() == before


def test_output_that_cannot_be_written(caption, photographs, tmp_path):
    assert "is a folder" in caption(photographs, "-o", tmp_path).sentence
    assert "folder does not exist" in caption(photographs, "-o", tmp_path / "no" / "where.txt").sentence


def test_read_only_folder_for_figures(caption, photographs, tmp_path, monkeypatch):
    # Root may write anywhere, so the answer of the system is given here.
    monkeypatch.setattr("captioner.cli.figures.os", SimpleNamespace(access=lambda *_: False, W_OK=os.W_OK))
    assert "read-only" in caption(photographs, "--attention", tmp_path / "sealed").sentence
    assert list((tmp_path / "sealed").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write into any folder")
def test_read_only_folder_for_results(caption, photographs, tmp_path):
    (tmp_path / "sealed").mkdir(mode=0o500)
    assert "read-only" in caption(photographs, "-o", tmp_path / "sealed" / "x.txt").sentence


# Bad input


def huge() -> bytes:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


BAD_FILES = {
    "empty": (lambda whole: b"", "is empty"),
    "truncated": (lambda whole: whole[: len(whole) // 2], "cut short"),
    "text": (lambda whole: b"not a photograph\n", "a text file"),
    "huge": (lambda whole: huge(), "megapixels"),
    "renamed": (lambda whole: b"%!PS-Adobe-3.0 EPSF-3.0\n%%EndComments\n", "PostScript"),
}


def spoil(path: Path, kind: str) -> str:
    """Damage a photograph; returns what must be said about it."""
    if kind == "missing":
        path.unlink()
        return "does not exist"
    damage, reason = BAD_FILES[kind]
    path.write_bytes(damage(path.read_bytes()))
    return reason


@pytest.mark.parametrize("kind", [*BAD_FILES, "missing"])
def test_bad_file_costs_one_line_and_the_rest_goes_on(caption, photographs, kind):
    reason = spoil(photographs / NAMES[1], kind)
    result = caption(*(photographs / name for name in NAMES))
    assert NAMES[1] in result.sentence
    assert reason in result.sentence
    assert names(result.out) == [NAMES[0], NAMES[2]]


@pytest.mark.parametrize("form", ["json", "csv", "coco"])
def test_results_beside_a_bad_file_are_valid(caption, photographs, tmp_path, form):
    spoil(photographs / NAMES[0], "truncated")
    assert "cut short" in caption(photographs, "-f", form, "-o", tmp_path / "results").sentence
    content = (tmp_path / "results").read_text()
    readers = {
        "json": lambda: [json.loads(line)["path"] for line in content.splitlines()],
        "csv": lambda: [row["path"] for row in csv.DictReader(io.StringIO(content))],
        "coco": lambda: [entry["file_name"] for entry in json.loads(content)],
    }
    assert [Path(path).name for path in readers[form]()] == NAMES[1:]


def test_nothing_but_bad_files_leaves_valid_results(caption, photographs):
    for name in NAMES:
        (photographs / name).write_bytes(b"")
    result = caption(photographs, "-f", "coco")
    assert (result.status, json.loads(result.out)) == (1, [])
    assert result.err.count("is empty") == 3


def test_folder_and_pattern_without_images(captioner, tmp_path, photographs):
    """Told at once: no model is loaded for it."""
    (tmp_path / "empty").mkdir()
    assert "has no images" in captioner("caption", tmp_path / "empty", "--model", "none such").sentence
    assert "--recursive" in captioner("caption", tmp_path, "--model", "none such").sentence
    assert "No image matches" in captioner("caption", tmp_path / "*.tiff", "--model", "none such").sentence


def test_empty_folder_beside_images_fails_at_the_end(caption, tmp_path, photographs):
    (tmp_path / "empty").mkdir()
    result = caption(tmp_path / "empty", photographs)
    assert "has no images" in result.sentence
    assert names(result.out) == NAMES


def test_limit_of_megapixels_can_be_moved(caption, photographs):
    assert "megapixels" in caption(photographs / NAMES[0], "--max-megapixels", 0.006).sentence
    assert caption(photographs / NAMES[0], "--max-megapixels", 0.0062).status == 0


@pytest.mark.parametrize("form", ["text", "json", "csv", "coco"])
def test_names_of_any_bytes(caption, photographs, form):
    try:
        (photographs / NAMES[0]).rename(photographs / os.fsdecode(b"caf\xe9\n\x1b[31m.jpg"))
    except (OSError, UnicodeError):
        pytest.skip("this file system refuses such names")
    (photographs / NAMES[1]).rename(photographs / "=cmd|' '!A0.jpg")
    result = caption(photographs, "-f", form)
    assert (result.status, result.err) == (0, "")
    result.out.encode("utf-8")
    assert "\x1b" not in result.out
    assert r"caf\xe9" in result.out.replace(r"\\", "\\")
    if form in ("text", "csv", "json"):
        assert len(result.out.splitlines()) == (4 if form == "csv" else 3)


def test_device_that_is_not_there(captioner, photographs, tiny_package):
    import torch

    missing = next(
        name
        for name, is_there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()))
        if not is_there
    )
    result = captioner("caption", photographs, "--model", tiny_package, "--device", missing)
    assert f"no usable {missing} device" in result.sentence


def test_a_larger_square_gives_a_finer_grid(caption, photographs, tmp_path):
    assert caption(photographs / NAMES[0], "--input-size", 128, "--attention", tmp_path / "figures").status == 0
    with np.load(next((tmp_path / "figures").glob("*.npz"))) as arrays:
        assert arrays["grid"].tolist() == [4, 4]
    refused = caption(photographs / NAMES[0], "--input-size", 70)
    assert refused.status == 1
    assert "multiple of 32, not 70. The nearest is 64" in refused.err
