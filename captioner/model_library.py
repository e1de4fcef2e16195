"""Model packages: what a user installs. Found by name, verified by hash, loaded, and written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
import torch
from safetensors import SafetensorError
from torch import Tensor

from captioner import __version__
from captioner.config import EncoderConfig, ModelConfig
from captioner.decoder import Decoder
from captioner.encoder_registry import encoder_spec
from captioner.encoders import BATCH_COUNTER, Encoder, build_empty_trunk
from captioner.errors import CaptionerError, ModelPackageError, OutputError, VocabularyError
from captioner.file_names import is_model_name, printable
from captioner.model import CaptioningModel, features_only
from captioner.model_about import PackageAbout
from captioner.vocabulary import Vocabulary
from captioner.weight_files import HALF_BITS, read_shapes, read_weights, write_weights

logger = logging.getLogger(__name__)

FORMAT_VERSION = 1
CONFIG, VOCABULARY, WEIGHTS, MANIFEST, CARD = (
    "config.json",
    "vocabulary.json",
    "weights.safetensors",
    "manifest.json",
    "MODEL_CARD.md",
)
PACKAGE_FILES = (CONFIG, VOCABULARY, WEIGHTS, CARD)
MAX_JSON_BYTES = 2**20
DEFAULT_MODEL = "captioner-small"


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A model package on disk.

    Attributes
    ----------
    name
        The name of its folder.
    path
        The folder.
    description
        One sentence, from ``config.json``.
    config
        Encoder, decoder and recommended decoding.
    origin
        ``bundled`` with the program, ``installed`` by the user, or a ``folder`` named by its path.
    about
        Data, licence, limits and scores in short, from ``config.json``; empty where its maker said nothing.
    """

    name: str
    path: Path
    description: str
    config: ModelConfig
    origin: str
    about: PackageAbout = field(default_factory=PackageAbout)

    @property
    def card(self) -> str:
        """The text of ``MODEL_CARD.md``."""
        return _read_text(self.path / CARD)

    def require_encoder(self) -> EncoderConfig:
        """The encoder's configuration.

        Raises
        ------
        ConfigurationError
            If the model has no encoder, so that it captions features and no photographs.
        """
        if self.config.encoder is None:
            raise features_only(self.name)
        return self.config.encoder

    @property
    def bytes(self) -> int:
        """Bytes of all files of the package."""
        return sum((self.path / name).stat().st_size for name in (*PACKAGE_FILES, MANIFEST))

    def verify(self) -> None:
        """Compare every file with the size and SHA-256 in the manifest.

        Raises
        ------
        ModelPackageError
            Naming the first file that is missing, cut short or altered.
        """
        files = _read_manifest(self.path)
        for name in PACKAGE_FILES:
            path = self.path / name
            _require_file(path)
            expected = files[name]
            try:
                size, digest = path.stat().st_size, sha256_of(path)
            except OSError as error:
                raise _damaged(path, error.strerror or "it cannot be read") from error
            if size != expected["bytes"]:
                kind = "cut short" if size < expected["bytes"] else "too long"
                raise _damaged(path, f"it is {kind}: {size:,} bytes of {expected['bytes']:,}")
            if digest != expected["sha256"]:
                raise _damaged(path, "its content does not match the hash in manifest.json")

    def load(self, input_size: int | None = None) -> CaptioningModel:
        """Verify the package and build its model in float32, in evaluation mode.

        Parameters
        ----------
        input_size
            Side of the square that the encoder sees, where it is not to be the model's own.

        Raises
        ------
        ModelPackageError
            If a file is missing, damaged, or does not fit the others. Nothing of the size that a damaged
            configuration claims is allocated: shapes are compared first.
        ConfigurationError
            If the input size is not a multiple of the encoder's stride, or there is no encoder to have one.
        """
        self.verify()
        vocabulary = Vocabulary.from_file(self.path / VOCABULARY)
        path = self.path / WEIGHTS
        with torch.device("meta"):
            decoder = Decoder(self.config.decoder, len(vocabulary))
        _check_vocabulary(path, vocabulary)
        _check_shapes(path, "decoder.", _without_tied_output(decoder))
        config, encoder = self.config, None
        if config.encoder is not None or input_size is not None:
            encoder = self._load_encoder(self.require_encoder().replace(input_size=input_size))
            config = config.replace(encoder=encoder.config)
        model = CaptioningModel(config, vocabulary, encoder, decoder)
        decoder.load_state_dict(_with_tied_output(read_weights(path, prefix="decoder."), decoder), assign=True)
        decoder.tie_output()
        return model.eval().requires_grad_(False)

    def load_encoder(self, input_size: int | None = None) -> Encoder:
        """Verify the package and build its encoder alone in float32, at another input size if one is given.

        Raises
        ------
        ModelPackageError
            If a file is missing or damaged.
        ConfigurationError
            If there is no encoder, or the input size is not a multiple of its stride.
        """
        self.verify()
        return self._load_encoder(self.require_encoder().replace(input_size=input_size))

    def _load_encoder(self, config: EncoderConfig) -> Encoder:
        path = self.path / WEIGHTS
        encoder = Encoder(config, build_empty_trunk(config.name))
        _check_shapes(path, "encoder.", encoder.trunk.state_dict())
        encoder.load_trunk(read_weights(path, prefix="encoder."), source=str(path))
        return encoder.eval()


def bundled_models_folder() -> Path:
    """Where the models are that came with the program: inside the installed package, or in the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "bundled_models"
    return installed if installed.is_dir() else package.parent / "models"


def user_models_folder() -> Path:
    """Where the user's own models are installed; the folder need not exist."""
    return Path(platformdirs.user_data_dir("captioner", appauthor=False)) / "models"


def list_packages() -> tuple[ModelPackage, ...]:
    """All bundled and installed packages that can be read, by name; an installed one hides a bundled namesake."""
    found: dict[str, ModelPackage] = {}
    for path, origin in package_folders():
        try:
            found[path.name] = read_package(path, origin=origin)
        except CaptionerError as error:
            logger.warning("%s", error)
    return tuple(found[name] for name in sorted(found))


def package_folders() -> Iterator[tuple[Path, str]]:
    """Folder and origin of all bundled, then all installed packages, whether they can be read or not."""
    for folder, origin in ((bundled_models_folder(), "bundled"), (user_models_folder(), "installed")):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            # A name that begins with a dot is a package that was never finished.
            if not path.name.startswith(".") and _is_package(path):
                yield path, origin


def _is_package(path: Path) -> bool:
    """Whether a folder holds any part of a package, so that a missing part can be named."""
    try:
        return any((path / name).is_file() for name in (*PACKAGE_FILES, MANIFEST))
    except OSError:
        return False


def find_package(name: str | os.PathLike[str] | None = None) -> ModelPackage:
    """The package with this name or in this folder; without a name the one that came with the program.

    Raises
    ------
    ModelPackageError
        If there is none, or its configuration cannot be read.
    """
    if name is None:
        name = DEFAULT_MODEL
    for folder, origin in ((user_models_folder(), "installed"), (bundled_models_folder(), "bundled")):
        path = folder / name
        if Path(name).name == str(name) and _is_package(path):
            return read_package(path, origin=origin)
    with contextlib.suppress(OSError):  # a name that no folder can have
        if Path(name).is_dir():
            return read_package(Path(name), origin="folder")
    known = ", ".join(package.name for package in list_packages()) or "none"
    raise ModelPackageError(f"There is no model {str(name)!r}. Installed models: {known}; or give a model's folder.")


def read_package(path: Path, *, origin: str = "folder") -> ModelPackage:
    """Read the configuration of the package in the folder ``path``; weights are not touched.

    Raises
    ------
    ModelPackageError
        If the folder is not a model package of a known format version.
    """
    _require_file(path / CONFIG)
    content = _read_json(path / CONFIG)
    _refuse_run(path, content)
    if content.pop("format_version", None) != FORMAT_VERSION:
        raise _damaged(path / CONFIG, f"it is not a model package of format version {FORMAT_VERSION}")
    description = content.pop("description", "")
    if not isinstance(description, str):
        raise _damaged(path / CONFIG, "its description is not text")
    try:
        about = PackageAbout.from_dict(content.pop("about", {}))
        config = ModelConfig.from_dict(content, where=str(path / CONFIG))
        fault = _fault_of(config)
    except CaptionerError as error:
        raise _damaged(path / CONFIG, error.message.rstrip(".")) from error
    if fault:
        raise _damaged(path / CONFIG, fault)
    return ModelPackage(path.resolve().name, path, description, config, origin, about)


def _refuse_run(path: Path, content: Mapping[str, Any]) -> None:
    """Refuse the folder of a training run, whose ``config.json`` is of another kind, and say where its model is."""
    sources = content.get("sources")
    if "format_version" in content or "training" not in content or not isinstance(sources, dict):
        return
    run, name = printable(path), sources.get("name")
    model = path / name if isinstance(name, str) and is_model_name(name) else None
    if model is not None and _is_package(model):
        message = f"{run} is a run; its model is {printable(model)}."
    else:
        message = f"{run} is a run that has made no model yet. Resume it until it has."
    raise ModelPackageError(message, path=path)


def _fault_of(config: ModelConfig) -> str:
    """Why encoder and decoder do not fit together; empty where they do, or where there is no encoder."""
    if config.encoder is None:
        return ""
    spec = encoder_spec(config.encoder.name)
    if spec.dim != config.decoder.encoder_dim:
        return f"{spec.name} gives features of width {spec.dim}, the decoder expects another"
    if config.encoder.input_size % spec.stride:
        return f"the input size of {spec.name} must be a multiple of {spec.stride}"
    return ""


def save_package(
    model: CaptioningModel,
    path: Path,
    *,
    description: str,
    card: str,
    about: PackageAbout | None = None,
    bits: int = HALF_BITS,
) -> ModelPackage:
    """Write ``model`` as a package into the new folder ``path``, weights in float16 or quantised to fewer ``bits``.

    The folder is filled beside its target and renamed when it is complete.

    Raises
    ------
    OutputError
        If the folder exists already or cannot be written.
    ModelPackageError
        If the encoder's batch norms have been folded away, as in a `captioner.Captioner`.
    """
    if path.exists():
        raise OutputError(f"{path} exists already. Choose another name or remove it first.", path=path)
    if model.encoder is not None and not _is_whole(model.encoder):
        raise ModelPackageError("The encoder was optimised for inference and cannot be packaged; package it before.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.", path=path) from error
    try:
        content = {"format_version": FORMAT_VERSION, "description": description}
        content |= {} if about is None else {"about": about.to_dict()}
        content |= model.config.to_dict()
        (folder / CONFIG).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        (folder / VOCABULARY).write_text(model.vocabulary.to_json(), encoding="utf-8")
        (folder / CARD).write_text(card, encoding="utf-8")
        write_weights(_package_weights(model), folder / WEIGHTS, bits=bits)
        seal_package(folder)
        for file in folder.iterdir():
            file.chmod(0o644)  # safetensors and mkdtemp make theirs private
        folder.chmod(0o755)
        folder.rename(path)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        reason = getattr(error, "strerror", None) or "the disk may be full"
        raise OutputError(f"{path} cannot be written: {reason}.", path=path) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return read_package(path)


def _is_whole(encoder: Encoder) -> bool:
    return encoder.trunk.state_dict().keys() == build_empty_trunk(encoder.config.name).state_dict().keys()


def seal_package(path: Path) -> None:
    """Write ``manifest.json`` for the files in the folder ``path`` as they are now."""
    files = {name: {"sha256": sha256_of(path / name), "bytes": (path / name).stat().st_size} for name in PACKAGE_FILES}
    manifest = {"format_version": FORMAT_VERSION, "captioner_version": __version__, "files": files}
    (path / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package_weights(model: CaptioningModel) -> dict[str, Tensor]:
    trunk = {} if model.encoder is None else model.encoder.trunk.state_dict()
    weights = {f"encoder.{name}": value for name, value in trunk.items()}
    return weights | {f"decoder.{name}": value for name, value in _without_tied_output(model.decoder).items()}


def _with_tied_output(weights: dict[str, Tensor], decoder: Decoder) -> dict[str, Tensor]:
    if decoder.config.tied_embeddings:
        weights["output.weight"] = weights["embedding.weight"]
    return weights


def _without_tied_output(decoder: Decoder) -> dict[str, Tensor]:
    """The decoder's tensors by name; a tied matrix is among them once."""
    weights: dict[str, Tensor] = decoder.state_dict()
    if decoder.config.tied_embeddings:
        del weights["output.weight"]
    return weights


def _check_vocabulary(path: Path, vocabulary: Vocabulary) -> None:
    shape = read_shapes(path, prefix="decoder.embedding.weight").get("")
    if shape and shape[0] != len(vocabulary):
        raise VocabularyError(
            f"{path.parent / VOCABULARY} does not fit the weights: it has {len(vocabulary):,} tokens, the weights "
            f"{shape[0]:,}. Install the model again.",
            path=path.parent / VOCABULARY,
        )


def _check_shapes(path: Path, prefix: str, weights: Mapping[str, Tensor]) -> None:
    """Compare the header of the weights file with the tensors that the configuration asks for, before any is read."""
    actual = read_shapes(path, prefix=prefix)
    expected = {name: list(tensor.shape) for name, tensor in weights.items()}
    for name in sorted(expected.keys() | actual.keys()):
        is_optional = name.endswith(BATCH_COUNTER) and name not in actual
        if expected.get(name) != actual.get(name) and not is_optional:
            raise _damaged(
                path, f"{prefix}{name} is {actual.get(name)} where config.json asks for {expected.get(name)}"
            )


def _read_manifest(path: Path) -> dict[str, Mapping[str, Any]]:
    _require_file(path / MANIFEST)
    content = _read_json(path / MANIFEST)
    files = content.get("files")
    if content.get("format_version") != FORMAT_VERSION or not isinstance(files, dict):
        raise _damaged(path / MANIFEST, f"it is not a manifest of format version {FORMAT_VERSION}")
    for name in PACKAGE_FILES:
        entry = files.get(name)
        if not isinstance(entry, dict) or not isinstance(entry.get("bytes"), int) or "sha256" not in entry:
            raise _damaged(path / MANIFEST, f"it has no entry for {name}")
    return files


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(_read_text(path))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is not valid JSON") from error
    if not isinstance(content, dict):
        raise _damaged(path, "it is not a JSON object")
    return content


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise _damaged(path, "it is larger than 1 MB")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _damaged(path, error.strerror or "it cannot be opened") from error
    except UnicodeDecodeError as error:
        raise _damaged(path, "it is not UTF-8 text") from error


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise ModelPackageError(f"{path} is missing. Install the model again.", path=path)


def _damaged(path: Path, reason: str) -> ModelPackageError:
    return ModelPackageError(f"{path} is damaged: {reason}. Install the model again.", path=path)
