"""Miniatures of the data sets that captioning users have on disk: same names, types and bases, a few images each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

WORDS = ("a", "dog", "cat", "runs", "sits", "red")
COCO_IDS = (42, 73, 391)


def features(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def write_json(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


class Miniatures:
    """Writes one data set per call into a folder of its own and returns the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _folder(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir()
        return folder

    def cs231n(self, **changes: Any) -> Path:
        """Three training images with two captions each and two to choose by, with vectors of both widths."""
        folder = self._folder("coco_captioning")
        captions = {
            # <START> a dog runs <END>, and so on; <NULL> pads to 17.
            "train_captions": padded(
                [[1, 4, 5, 7, 2], [1, 4, 6, 8, 2], [1, 4, 3, 2], [1, 9, 5, 2], [1, 4, 2], [1, 6, 2]]
            ),
            "train_image_idxs": np.array([0, 2, 1, 0, 1, 2], np.int32),
            "val_captions": padded([[1, 4, 5, 2], [1, 4, 6, 2]]),
            "val_image_idxs": np.array([1, 0], np.int32),
        } | changes
        with h5py.File(folder / "coco2014_captions.h5", "w") as file:
            for name, data in captions.items():
                file[name] = data
        tokens = ["<NULL>", "<START>", "<END>", "<UNK>", *WORDS]
        vocabulary = {"idx_to_word": tokens, "word_to_idx": {token: index for index, token in enumerate(tokens)}}
        write_json(folder / "coco2014_vocab.json", vocabulary)
        for split, images in (("train", 3), ("val", 2)):
            for kind, width in (("fc7", 12), ("fc7_pca", 4)):
                with h5py.File(folder / f"{split}2014_vgg16_{kind}.h5", "w") as file:
                    file["features"] = features(images, width, seed=images)
            lines = [f"http://example.org/{split}{row}.jpg" for row in range(images)]
            (folder / f"{split}2014_urls.txt").write_text("\n".join(lines) + "\n")
            (folder / f"{split}2014_images.txt").write_text("".join(f"{split}/{row}.jpg\n" for row in range(images)))
        return folder

    def sgrvinod(self, per_image: int = 2) -> Path:
        """Two training images and one each to choose and to test by, as pixels."""
        folder = self._folder("sgrvinod")
        base = f"flickr8k_{per_image}_cap_per_img_5_min_word_freq"
        specials = ("<unk>", "<start>", "<end>")
        word_map = {"<pad>": 0, **{word: index for index, word in enumerate((*WORDS, *specials), start=1)}}
        write_json(folder / f"WORDMAP_{base}.json", word_map)
        for split, images in (("TRAIN", 2), ("VAL", 1), ("TEST", 1)):
            pixels = np.random.default_rng(images).integers(0, 256, (images, 3, 16, 16), dtype=np.uint8)
            with h5py.File(folder / f"{split}_IMAGES_{base}.hdf5", "w") as file:
                file.attrs["captions_per_image"] = per_image
                file["images"] = pixels
            rows = [[word_map["<start>"], 1, 2 + place % 2, word_map["<end>"]] for place in range(images * per_image)]
            write_json(folder / f"{split}_CAPTIONS_{base}.json", [row + [0] * (52 - len(row)) for row in rows])
            write_json(folder / f"{split}_CAPLENS_{base}.json", [len(row) for row in rows])
        return folder

    def neuraltalk2(self, *, with_pixels: bool = False, **changes: Any) -> Path:
        """Three images, labels counted from 1, and no features yet."""
        folder = self._folder("neuraltalk2")
        splits = ("train", "train", "val")
        images = [
            {"split": split, "file_path": f"val2014/{image_id}.jpg", "id": image_id}
            for split, image_id in zip(splits, COCO_IDS, strict=True)
        ]
        words = {str(index): word for index, word in enumerate((*WORDS, "UNK"), start=1)}
        write_json(folder / "cocotalk.json", {"ix_to_word": words, "images": images})
        labels = {
            "labels": padded([[1, 2, 4], [1, 3], [6, 2], [1, 7]], width=16).astype(np.uint32),
            "label_start_ix": np.array([1, 3, 4], np.uint32),
            "label_end_ix": np.array([2, 3, 4], np.uint32),
            "label_length": np.array([3, 2, 2, 2], np.uint32),
        } | changes
        if with_pixels:
            labels["images"] = np.zeros((3, 3, 8, 8), np.uint8)
        with h5py.File(folder / "cocotalk_label.h5", "w") as file:
            for name, data in labels.items():
                file[name] = data
        return folder

    def array_folders(self, folder: Path, kind: str = "grid") -> None:
        """Add cocotalk_fc with vectors and cocotalk_att with grids (2, 3, 8) or regions (n, 8)."""
        for name in ("cocotalk_fc", "cocotalk_att"):
            (folder / name).mkdir()
        for seed, image_id in enumerate(COCO_IDS):
            np.save(folder / "cocotalk_fc" / f"{image_id}.npy", features(8, seed=seed))
            shape = (2, 3, 8) if kind == "grid" else (seed + 2, 8)
            np.savez_compressed(folder / "cocotalk_att" / f"{image_id}.npz", feat=features(*shape, seed=seed))

    def keyed(self, path: Path, suffix: str = "") -> Path:
        """One dataset per image id, of 2, 3 and 4 regions."""
        with h5py.File(path, "w") as file:
            for seed, image_id in enumerate(COCO_IDS):
                file[f"{image_id}{suffix}"] = features(seed + 2, 8, seed=seed)
                if suffix:
                    file[f"{image_id}_boxes"] = features(seed + 2, 4, seed=seed)
        return path

    def karpathy(self, folder: Path) -> Path:
        """The same three images in a Karpathy split."""
        images = [
            {
                "filepath": "val2014",
                "filename": f"COCO_val2014_{image_id:012d}.jpg",
                "cocoid": image_id,
                "imgid": place,
                "split": split,
                "sentids": [place],
                "sentences": [{"tokens": ["a", word], "raw": f"A {word}.", "imgid": place, "sentid": place}],
            }
            for place, (split, image_id, word) in enumerate(
                zip(("train", "restval", "val"), COCO_IDS, ("dog", "cat", "dog"), strict=True)
            )
        ]
        return write_json(folder / "dataset_coco.json", {"dataset": "coco", "images": images})

    def coco(self, folder: Path) -> Path:
        """The same three images in COCO's own annotations, which know no splits."""
        images = [{"id": image_id, "file_name": f"{image_id}.jpg"} for image_id in COCO_IDS]
        captions = [{"image_id": image_id, "id": place, "caption": "A dog."} for place, image_id in enumerate(COCO_IDS)]
        return write_json(folder / "captions_train2014.json", {"images": images, "annotations": captions})

    def regions(self, **changes: Any) -> Path:
        """Four regions each of the three images, with their places, in two files as COCO's are."""
        folder = self._folder("bottom_up")
        for split, ids in (("train", COCO_IDS[:2]), ("val", COCO_IDS[2:])):
            boxes = placements(len(ids), 4)
            data = {
                "image_features": features(len(ids), 4, 8, seed=len(ids)),
                "image_bb": boxes[..., :4] * 500,
                "spatial_features": boxes,
            } | (changes if split == "train" else {})
            with h5py.File(folder / f"{split}36.hdf5", "w") as file:
                for name, array in data.items():
                    file[name] = array
            write_json(folder / f"{split}_imgid2idx.json", {str(image_id): row for row, image_id in enumerate(ids)})
        return folder

    def adaptive_regions(self, ranges: Any = ((0, 2), (2, 5), (5, 6))) -> Path:
        """2, 3 and 1 regions of three images, flattened."""
        folder = self._folder("adaptive")
        with h5py.File(folder / "train.hdf5", "w") as file:
            file["image_features"] = features(6, 8)
            file["image_bb"] = placements(1, 6)[0, :, :4] * 500
            file["spatial_features"] = placements(1, 6)[0]
            file["pos_boxes"] = np.array(ranges, np.int32)
        (folder / "train_ids.txt").write_text("".join(f"{image_id}\n" for image_id in COCO_IDS))
        return folder

    def native(self, folder: Path, split: str, names: list[str], **changes: Any) -> Path:
        """A feature file of this project."""
        from captioner.data.feature_files import FeatureFileInfo, FeatureWriter

        sizes = {"images": len(names), "dim": 5, "grid": (2, 2), "encoder": "resnet18", "input_size": 64} | changes
        info = FeatureFileInfo(**sizes)
        views = features(len(names), info.views, 4, 5, seed=7) if info.views else None
        with FeatureWriter(folder / f"{split}.h5", info, names) as writer:
            writer.write(0, features(len(names), info.places, info.dim, seed=len(names)), views)
        return folder / f"{split}.h5"


def padded(rows: list[list[int]], width: int = 17) -> np.ndarray:
    return np.array([row + [0] * (width - len(row)) for row in rows], np.int32)


def placements(images: int, regions: int) -> np.ndarray:
    """Left, top, right, bottom, width and height of boxes, from 0 to 1."""
    corners = np.random.default_rng(1).uniform(0, 0.5, (images, regions, 2))
    sizes = np.random.default_rng(2).uniform(0.1, 0.5, (images, regions, 2))
    return np.concatenate([corners, corners + sizes, sizes], axis=-1).astype(np.float32)


@pytest.fixture
def miniatures(tmp_path):
    """Writes miniatures of data sets under ``tmp_path``."""
    return Miniatures(tmp_path)
