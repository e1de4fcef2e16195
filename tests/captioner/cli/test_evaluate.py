"""``captioner evaluate``: scores, layouts of captions files, splits, and what can be wrong with them."""

import json

import pytest

from captioner.captioning import Captioner
from captioner.metrics.evaluate import evaluate_captions

NAMES = ("photo-1.jpg", "photo-2.jpg", "photo-3.jpg")
REFERENCES = {
    "photo-1.jpg": ("A red circle on the dark ground.", "a circle, red"),
    "photo-2.jpg": ("A blue box.", "the box on the ground"),
    "photo-3.jpg": ("A green circle.", "the ground"),
}
SCORES = ("bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "cider")
SPLITS = {"photo-1.jpg": "train", "photo-2.jpg": "dev", "photo-3.jpg": "dev"}


def kaggle() -> str:
    rows = [f'{name},"{text}"' for name, texts in REFERENCES.items() for text in texts]
    return "\n".join(("image,caption", *rows)) + "\n"


def token() -> str:
    return "".join(f"{name}#{i}\t{text}\n" for name, texts in REFERENCES.items() for i, text in enumerate(texts))


def coco() -> str:
    ids = {name: number for number, name in enumerate(NAMES, start=7)}
    pairs = [(ids[name], text) for name, texts in REFERENCES.items() for text in texts]
    return json.dumps(
        {
            "images": [{"id": number, "file_name": name} for name, number in ids.items()],
            "annotations": [{"id": i, "image_id": number, "caption": text} for i, (number, text) in enumerate(pairs)],
        }
    )


def karpathy() -> str:
    images = [
        {
            "filename": name,
            "split": SPLITS[name],
            "sentences": [{"raw": text, "tokens": text.split()} for text in texts],
        }
        for name, texts in REFERENCES.items()
    ]
    return json.dumps({"dataset": "tiny", "images": images})


@pytest.fixture
def captions(tmp_path):
    path = tmp_path / "captions.data"
    path.write_text(kaggle())
    return path


@pytest.fixture
def evaluate(captioner, tiny_package, photographs):
    def run(captions, *arguments, images=photographs):
        where = ("--images", images, "--captions", captions, "--model", tiny_package)
        return captioner("evaluate", *where, *arguments)

    return run


@pytest.mark.parametrize("layout", [kaggle, token, coco, karpathy])
def test_scores_are_those_of_the_captions_whatever_the_layout(evaluate, captions, tiny_package, photographs, layout):
    captions.write_text(layout())
    result = evaluate(captions, "--json", "--beam-size", 2)
    assert (result.status, result.err) == (0, "")
    scores = json.loads(result.out)
    assert list(scores) == [*SCORES, "images", "images_per_second"]
    model = Captioner.load(tiny_package)
    options = model.options.replace(beam_size=2)
    hypotheses = {name: model.caption(photographs / name, options).text for name in NAMES}
    expected = evaluate_captions(hypotheses, REFERENCES).to_dict()
    for name in SCORES:
        assert scores[name] == pytest.approx(expected[name], abs=1e-3)
    assert scores["images"] == 3
    assert scores["images_per_second"] > 0


def test_table_for_people(evaluate, captions):
    lines = evaluate(captions).out.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr", "images", "images/s")
    ]
    assert lines[6].split()[1] == "3"


def test_split_is_a_file_or_a_name(evaluate, captions, tmp_path):
    (tmp_path / "dev.txt").write_text("photo-3.jpg\nphoto-1.jpg\n")
    assert json.loads(evaluate(captions, "--split", tmp_path / "dev.txt", "--json").out)["images"] == 2
    captions.write_text(karpathy())
    (tmp_path / "train").mkdir()  # of the images of that split, as folders often are
    assert json.loads(evaluate(captions, "--split", "train", "--json").out)["images"] == 1
    sentence = evaluate(captions, "--split", "test").sentence
    assert "test" in sentence
    assert "train, dev" in sentence


def test_split_that_does_not_belong_to_the_captions(evaluate, captions, tmp_path):
    (tmp_path / "dev.txt").write_text("photo-1.jpg\nbeach.jpg\n")
    assert "beach.jpg" in evaluate(captions, "--split", tmp_path / "dev.txt").sentence
    (tmp_path / "dev.txt").write_text("")
    assert "dev.txt is empty" in evaluate(captions, "--split", tmp_path / "dev.txt").sentence
    assert "There is no file nowhere.txt" in evaluate(captions, "--split", "nowhere.txt").sentence


def test_image_that_is_missing_is_named_and_the_rest_scored(evaluate, captions, photographs):
    (photographs / "photo-2.jpg").unlink()
    result = evaluate(captions, "--json")
    assert "photo-2.jpg does not exist" in result.sentence
    assert json.loads(result.out)["images"] == 2


def test_folder_without_any_of_the_images(evaluate, captions, tmp_path, photographs):
    (tmp_path / "other").mkdir()
    result = evaluate(captions, images=tmp_path / "other")
    assert (result.status, result.out) == (1, "")
    assert "None of the 3 images could be read" in result.err.splitlines()[-1]
    assert "does not exist" in evaluate(captions, images=tmp_path / "none").sentence
    assert "is not a folder" in evaluate(captions, images=photographs / "photo-1.jpg").sentence


BAD_CAPTIONS = {
    "empty": b"",
    "binary": b"image,caption\n\0\1\2",
    "latin-1": "image,caption\nphoto-1.jpg,caf\xe9\n".encode("latin-1"),
    "cut JSON": coco().encode()[:200],
    "other JSON": b'{"a": 1}',
    "other text": b"Dear Sir or Madam\n",
    "no rows": b"image,caption\n",
    "climbing": b"image,caption\n../../etc/passwd.jpg,a man\n",
}


@pytest.mark.parametrize("kind", BAD_CAPTIONS)
def test_captions_file_that_cannot_be_read(evaluate, captions, kind):
    captions.write_bytes(BAD_CAPTIONS[kind])
    result = evaluate(captions)
    assert captions.name in result.sentence
    assert result.out == ""


def test_captions_file_that_is_missing(evaluate, tmp_path):
    assert "There is no file" in evaluate(tmp_path / "none.csv").sentence
