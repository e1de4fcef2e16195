"""Distillation: students come nearer to their teachers, whatever they are, and nothing is lost on the way."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from captioner.encoder_registry import SMALL_ENCODER
from captioner.encoders import build_network, build_trunk
from captioner.errors import ConfigurationError, ImageError, ModelPackageError, OutputError, TrainingRunError
from captioner.training import keeping
from captioner.training.control import TrainingControl
from captioner.training.distillation.clock import Clock
from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.distiller import Distiller
from captioner.training.distillation.events import DistillationFinished, StepsTaken, StudentMeasured
from captioner.training.distillation.folder import DistillationFolder, DistillationSources, read_distillation
from captioner.training.distillation.objective import Explained, Moments, Scale
from captioner.training.distillation.pictures import ViewReader, ViewWish, epoch_order, find_pictures
from captioner.training.distillation.run import DistillationRun
from captioner.training.distillation.student import build_student
from captioner.training.distillation.teacher import TeacherSource, has_folded_norms, open_teacher
from captioner.training.events import TrainingPaused, TrainingStopped
from captioner.training.fine_tuning_config import ViewConfig
from captioner.training.recorded_run import RunOptions
from captioner.training.run_folder import read_run
from captioner.training.stages import ALONE

PRETRAINED = Path(__file__).resolve().parents[4] / "shared" / "pretrained" / "teacher_mobilenet_v2"
TEACHER = "mobilenet_v2"
QUICK = DistillationConfig(
    epochs=2,
    batch_size=4,
    warmup_steps=2,
    average_decay=0.5,
    phases=((0.5, 32), (0.5, 64)),
    statistics_batches=1,
    held_out=2,
    device="cpu",
    precision="float32",
)


@pytest.fixture(scope="module")
def teacher_file(tmp_path_factory) -> Path:
    """Random weights of a teacher, its batch norms unlike those of a fresh network."""
    torch.manual_seed(5)
    network = build_network(TEACHER).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.bias.data.normal_(0, 0.2)
            assert module.running_mean is not None
            module.running_mean.normal_(0, 0.1)
    path = tmp_path_factory.mktemp("teacher") / "teacher.safetensors"
    save_file(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> Path:
    """A folder of twelve pictures, one of them in a folder inside it."""
    folder = tmp_path_factory.mktemp("data") / "photographs"
    (folder / "inside").mkdir(parents=True)
    for index in range(12):
        random = np.random.default_rng(index)
        coarse = Image.fromarray(random.integers(0, 256, (4, 5, 3), np.uint8))
        name = f"inside/{index}.png" if index == 11 else f"{index}.png"
        coarse.resize((90, 70), Image.Resampling.BICUBIC).save(folder / name)
    return folder


@pytest.fixture(scope="module")
def sources(photographs, teacher_file) -> DistillationSources:
    return DistillationSources(
        teacher=TEACHER, teacher_weights=str(teacher_file), student=SMALL_ENCODER, images=(photographs,)
    )


@pytest.fixture(scope="module")
def finished_run(sources, tmp_path_factory) -> Path:
    """The folder of a run that was never interrupted."""
    path = tmp_path_factory.mktemp("runs") / "run"
    distil(sources, path)
    return path


def make_distiller(config, photographs, teacher_file, **options) -> Distiller:
    student = build_student(SMALL_ENCODER, config)
    teacher = open_teacher(TeacherSource(TEACHER, str(teacher_file)), student.depths, config)
    student.adapt_to([layer.channels for layer in teacher.layers])
    return Distiller(config, student, teacher, find_pictures([photographs], held_out=config.held_out), **options)


def finish(run: DistillationRun) -> list:
    with run:
        return list(run.events())


def distil(sources, output, config=QUICK, **options) -> list:
    return finish(DistillationRun.start(config, sources, output, RunOptions(**options)))


# The whole


def test_a_student_comes_nearer_to_its_teacher(photographs, teacher_file):
    views = ViewConfig(least_area=1, most_aspect=1, mirror=0, contrast=0, brightness=0, colour=0, grey=0)
    config = QUICK.replace(
        epochs=15, batch_size=10, phases=((1.0, 64),), mix_share=0.0, average_decay=0.8, logits_weight=0.0, views=views
    )
    distiller = make_distiller(config, photographs, teacher_file)
    *events, finished = distiller.run()
    losses = [event.loss for event in events if isinstance(event, StudentMeasured)]
    assert len(losses) == 15
    assert sum(losses[-3:]) < 0.6 * sum(losses[:3])
    assert isinstance(finished, DistillationFinished)
    assert list(finished.explained) == ["stride 8", "stride 16", "stride 32"]


def test_what_comes_of_a_run_is_an_encoder(finished_run):
    weights = load_file(finished_run / "encoder.safetensors")
    own = build_trunk(SMALL_ENCODER).state_dict()
    assert {name: value.shape for name, value in weights.items()} == {name: v.shape for name, v in own.items()}
    assert {value.dtype for value in weights.values()} == {torch.float16, torch.int64}
    about = json.loads((finished_run / "encoder.json").read_text())
    assert about["encoder"]["name"] == SMALL_ENCODER
    assert about["encoder"]["input_size"] == 64
    assert about["teacher"]["layers"] == ["features.6", "features.13", "features.17"]
    assert (about["images"], about["images_held_out"], about["views"]) == (11, 1, 16)
    assert "Distilled, without labels, from mobilenet_v2" in (finished_run / "ENCODER.md").read_text()
    history = [json.loads(line) for line in (finished_run / "history.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in history] == [1, 2]


@pytest.mark.parametrize("stopped_after", [0, 1, 2])
def test_a_run_that_was_stopped_ends_with_the_same_weights(sources, finished_run, tmp_path, monkeypatch, stopped_after):
    monkeypatch.setattr("captioner.training.distillation.distiller.REPORT_EVERY", 1)
    control = TrainingControl()
    steps = 0
    if not stopped_after:
        control.stop_and_save()
    with DistillationRun.start(QUICK, sources, tmp_path / "run", RunOptions(control=control)) as run:
        for event in run.events():
            steps += isinstance(event, StepsTaken)
            if steps == stopped_after:
                control.stop_and_save()
    assert isinstance(event, TrainingStopped)
    assert event.step == stopped_after
    torch.manual_seed(999)
    finish(DistillationRun.resume(tmp_path / "run"))
    one, other = (folder / "encoder.safetensors" for folder in (finished_run, tmp_path / "run"))
    assert one.read_bytes() == other.read_bytes()
    assert len((tmp_path / "run" / "history.jsonl").read_text().splitlines()) == 2


def test_a_disk_that_is_full_at_the_end_of_an_epoch_is_waited_for(sources, finished_run, tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "RETRY_SECONDS", 0.0)
    add_measurement, failures = DistillationFolder.add_measurement, [OutputError("history.jsonl cannot be written.")]

    def find_no_room_at_first(folder, measured):
        if failures:
            raise failures.pop()
        add_measurement(folder, measured)

    monkeypatch.setattr(DistillationFolder, "add_measurement", find_no_room_at_first)
    events = distil(sources, tmp_path / "run")
    assert [event.reason for event in events if isinstance(event, TrainingPaused) and event.reason]
    expected, found = (load_file(run / "encoder.safetensors") for run in (finished_run, tmp_path / "run"))
    assert all(torch.equal(found[name], value) for name, value in expected.items())
    assert len((tmp_path / "run" / "history.jsonl").read_text().splitlines()) == QUICK.epochs


def test_a_run_that_is_over_only_says_so(finished_run):
    before = (finished_run / "encoder.safetensors").read_bytes()
    events = finish(DistillationRun.resume(finished_run))
    assert [type(event) for event in events] == [DistillationFinished]
    assert events[0].explained
    assert (finished_run / "encoder.safetensors").read_bytes() == before


def test_a_run_by_minutes_ends_by_the_clock(sources, tmp_path):
    events = distil(sources, tmp_path / "run", QUICK.replace(minutes=0.5 / 60, epochs=1))
    assert isinstance(events[-1], DistillationFinished)
    reports = [event for event in events if isinstance(event, StepsTaken)]
    assert reports[-1].steps is None
    progress = [report.progress for report in reports]
    assert progress == sorted(progress)
    assert 0 < progress[-1] <= 1
    assert reports[0].size == 32


def test_a_student_may_begin_with_weights(finished_run):
    first = finished_run / "encoder.safetensors"
    student = build_student(SMALL_ENCODER, QUICK, first)
    weights = load_file(first)
    assert torch.equal(student.trunk.stage8[5].bias, weights["stage8.5.bias"].float())
    with pytest.raises(ModelPackageError, match="does not fit stepped_resnet18"):
        build_student("stepped_resnet18", QUICK, first)


def test_two_processes_take_the_same_course(sources, photographs, teacher_file, in_a_world_of):
    """Batch norms see their own rows only, so that weights are alike in both, but not those of one process."""

    def make(world):
        return make_distiller(QUICK.replace(epochs=1), photographs, teacher_file, world=world)

    def work(distiller):
        events = list(distiller.run())
        return distiller.student.state_dict(), events[-1].explained

    (one, explained), (other, also_explained) = in_a_world_of(2, make, work)
    assert explained == also_explained
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


# Teachers and students of other kinds


@pytest.mark.parametrize(
    ("teacher", "student"), [("resnet18", "mobilenet_v3_small"), ("mobilenet_v3_small", "stepped_resnet_small")]
)
def test_networks_that_share_no_width_meet_through_adapters(photographs, tmp_path, teacher, student):
    torch.manual_seed(3)
    save_file(build_network(teacher).state_dict(), tmp_path / "teacher.safetensors")
    sources = DistillationSources(
        teacher=teacher, teacher_weights=str(tmp_path / "teacher.safetensors"), student=student, images=(photographs,)
    )
    finished = distil(sources, tmp_path / "run", QUICK.replace(epochs=1))[-1]
    weights = load_file(finished.weights)
    assert not [name for name in weights if "adapter" in name]
    assert set(build_trunk(student).state_dict()) == set(weights)


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "regnet_y_400mf", "efficientnet_lite0"])
def test_every_family_has_layers_at_three_depths_and_a_head(name, tmp_path, monkeypatch):
    state = build_network(name).state_dict()
    monkeypatch.setattr("captioner.training.distillation.teacher.read_weights", lambda _: state)
    student = build_student(SMALL_ENCODER, QUICK)
    teacher = open_teacher(TeacherSource(name, "x.safetensors"), student.depths, QUICK)
    assert [layer.stride for layer in teacher.layers] == [8, 16, 32]
    with torch.inference_mode():
        features = teacher(torch.rand(2, 3, 64, 64) * 255)
        assert [value.shape[2] for value in features] == [8, 4, 2]
        assert [value.shape[1] for value in features] == [layer.channels for layer in teacher.layers]
        assert teacher.scores(features[-1]).shape == (2, 1000)


def test_a_head_gives_the_scores_of_the_whole_network(teacher_file):
    student = build_student(SMALL_ENCODER, QUICK)
    teacher = open_teacher(TeacherSource(TEACHER, str(teacher_file)), student.depths, QUICK)
    network = build_network(TEACHER).eval()
    network.load_state_dict(load_file(teacher_file))
    pixels = torch.rand(2, 3, 64, 64) * 255
    with torch.inference_mode():
        expected = network((pixels - teacher.mean) / teacher.std)
        assert torch.allclose(teacher.scores(teacher(pixels)[-1]), expected, atol=1e-4)


def test_weights_without_a_classifier_teach_without_scores(teacher_file, tmp_path):
    weights = {name: value for name, value in load_file(teacher_file).items() if not name.startswith("classifier")}
    save_file(weights, tmp_path / "trunk.safetensors")
    student = build_student(SMALL_ENCODER, QUICK)
    teacher = open_teacher(TeacherSource(TEACHER, str(tmp_path / "trunk.safetensors")), student.depths, QUICK)
    assert teacher.head is None
    with pytest.raises(ConfigurationError, match="no head"):
        teacher.scores(torch.zeros(1, 320, 2, 2))
    weights.pop("features.6.conv.2.weight")
    save_file(weights, tmp_path / "trunk.safetensors")
    with pytest.raises(ModelPackageError, match=r"features\.6\.conv\.2\.weight is missing"):
        open_teacher(TeacherSource(TEACHER, str(tmp_path / "trunk.safetensors")), student.depths, QUICK)


def test_layers_can_be_named(teacher_file):
    config = QUICK.replace(strides=(8, 32), depth_weights=(1.0, 1.0), teacher_layers=("features.5", "features.18"))
    student = build_student(SMALL_ENCODER, config)
    assert [depth.stride for depth in student.depths] == [8, 32]
    teacher = open_teacher(TeacherSource(TEACHER, str(teacher_file)), student.depths, config)
    assert [(layer.name, layer.channels) for layer in teacher.layers] == [("features.5", 32), ("features.18", 1280)]
    assert not student.adapt_to([32, 1280]).can_be_fed
    wrong = config.replace(teacher_layers=("features.5", "features.99"))
    with pytest.raises(ConfigurationError, match=r"no layer 'features\.99'"):
        open_teacher(TeacherSource(TEACHER, str(teacher_file)), student.depths, wrong)
    flat = config.replace(teacher_layers=("features.5", "classifier.1"))
    with pytest.raises(ConfigurationError, match="no grid of features"):
        open_teacher(TeacherSource(TEACHER, str(teacher_file)), student.depths, flat)


def test_a_variant_of_another_encoder_is_not_taught():
    with pytest.raises(ConfigurationError, match="Teach that one instead"):
        build_student("stepped_resnet18_dilated", QUICK)


@pytest.mark.skipif(not PRETRAINED.is_dir(), reason="the teacher in ../shared is not here")
def test_converted_weights_are_padded_and_normalised_as_they_were_trained():
    import runpy

    reference = runpy.run_path(str(PRETRAINED / "load.py"))["load_teacher"]()
    assert has_folded_norms(reference)
    student = build_student("stepped_resnet18", QUICK)
    source = TeacherSource(TEACHER, str(PRETRAINED / "weights.safetensors"))
    teacher = open_teacher(source, student.depths, QUICK)
    pixels = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)) * 255
    with torch.inference_mode():
        image = pixels / 127.5 - 1
        expected = [reference.features[: index + 1](image) for index in (6, 13, 17)]
        found = teacher(pixels)
        scores = teacher.scores(found[-1])
        assert torch.allclose(scores, reference(image), atol=1e-3)
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-3)
    plain = open_teacher(source, student.depths, QUICK.replace(teacher_padding="torch"))
    with torch.inference_mode():
        assert not torch.allclose(plain(pixels)[-1], expected[-1], atol=0.1)


def test_fresh_batch_norms_are_not_taken_for_folded_ones(teacher_file):
    network = build_network(TEACHER).eval()
    assert not has_folded_norms(network)
    network.load_state_dict(load_file(teacher_file))
    assert not has_folded_norms(network)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.zero_()
    assert has_folded_norms(network)


# Stage feeding


def test_stages_are_fed_at_first_then_by_turns_then_never(photographs, teacher_file):
    distiller = make_distiller(QUICK, photographs, teacher_file)
    turns = {progress: [distiller._is_fed(1, step, progress) for step in range(40)] for progress in (0.1, 0.3, 0.6)}
    assert all(turns[0.1])
    assert 8 < sum(turns[0.3]) < 32
    assert not any(turns[0.6])


def test_a_fed_stage_sees_the_target_of_the_one_before(teacher_file):
    student = build_student(SMALL_ENCODER, QUICK).eval()
    pixels = torch.rand(1, 3, 64, 64) * 255
    with torch.inference_mode():
        chained = student(pixels)
        fed = student.forward_fed(pixels, chained)
        other = student.forward_fed(pixels, [torch.zeros_like(value) for value in chained])
    for one, two in zip(chained, fed, strict=True):
        assert torch.equal(one, two)
    assert torch.equal(other[0], chained[0])
    assert not torch.equal(other[1], chained[1])


def test_a_teacher_sees_the_same_views_larger(photographs, teacher_file):
    distiller = make_distiller(QUICK.replace(teacher_scale=2.0, epochs=1), photographs, teacher_file)
    seen = {"teacher": [], "student": []}
    distiller.teacher.register_forward_pre_hook(lambda _, inputs: seen["teacher"].append(inputs[0]))
    distiller.optimisation.student.stages[0].register_forward_pre_hook(
        lambda _, inputs: seen["student"].append(inputs[0])
    )
    sizes = [event.size for event in distiller.run() if isinstance(event, StepsTaken)]
    assert sizes == [64]
    steps = len(seen["student"])
    assert {images.shape[2] for images in seen["student"]} == {32, 64}
    # Before the first step the teacher is shown images for their mean, after the last those that are held out.
    shown = seen["teacher"][-steps - 1 : -1]
    for images, larger in zip(seen["student"], shown, strict=True):
        assert larger.shape[2] == 2 * images.shape[2]
        pooled = nn.functional.avg_pool2d(larger, 2)
        shrunk = distiller.optimisation.student._normalised(pooled)
        assert torch.corrcoef(torch.stack([images.flatten(), shrunk.flatten()]))[0, 1] > 0.98


@pytest.mark.parametrize(("scale", "size"), [(1.0, 128), (1.1, 128), (1.2, 160), (1.5, 192), (2.0, 256)])
def test_sizes_of_the_teachers_images_are_multiples_of_32(scale, size):
    config = QUICK.replace(teacher_scale=scale, phases=((0.5, 96), (0.3, 128), (0.2, 160)))
    assert config.teacher_size(128) == size
    assert [config.student_size(config.teacher_size(side)) for _, side in config.phases] == [96, 128, 160]


def test_stages_are_fed_on_the_students_own_grids():
    student = build_student(SMALL_ENCODER, QUICK).eval()
    with torch.inference_mode():
        larger = student(torch.rand(1, 3, 128, 128) * 255)
        fed = student.forward_fed(torch.rand(1, 3, 64, 64) * 255, larger)
    assert [features.shape[2] for features in fed] == [8, 4, 2]


# Photographs


def test_views_depend_on_seed_image_and_epoch_alone(photographs):
    paths = find_pictures([photographs]).training
    wishes = [ViewWish(row, 3, 32) for row in (4, 1, 7)]
    one = next(ViewReader(paths, QUICK, threads=1).batches(wishes, 3))
    other = next(ViewReader(paths, QUICK, threads=2).batches(reversed(wishes), 3))
    assert np.array_equal(one, other[::-1])
    later = next(ViewReader(paths, QUICK).batches([ViewWish(4, 4, 32)], 1))
    assert not np.array_equal(one[0], later[0])
    assert sorted(epoch_order(9, 1, 2)) == list(range(9))
    assert list(epoch_order(9, 1, 2)) != list(epoch_order(9, 1, 3))


def test_an_image_that_cannot_be_read_gives_way_to_another_of_its_batch(photographs, tmp_path, caplog):
    paths = find_pictures([shutil.copytree(photographs, tmp_path / "photographs")]).training
    paths[2].write_bytes(b"no image")
    reader = ViewReader(paths, QUICK)
    with caplog.at_level(logging.WARNING):
        views = next(reader.batches([ViewWish(row, 1, 32) for row in (2, 3)], 2))
        next(reader.batches([ViewWish(row, 2, 32) for row in (2, 3)], 2))
    assert np.array_equal(views[0], views[1])
    assert len(caplog.records) == 1
    with pytest.raises(ImageError):
        next(reader.batches([ViewWish(2, 1, 32)], 1))


def test_which_photographs_are_meant(photographs, tmp_path):
    (tmp_path / "some.txt").write_text("1.png\n2.png\n3.png\n4.png\ninside/11.png\n")
    (tmp_path / "two.txt").write_text("2.png\n3.png\n")
    (tmp_path / "other").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "other" / "x.png")
    both = find_pictures([photographs, tmp_path / "other"], left_out=[tmp_path / "two.txt"], held_out=100)
    assert len(both.training) == 10
    assert len(both.held_out) == 1
    some = find_pictures([photographs], splits=[tmp_path / "some.txt"])
    assert [path.name for path in some.training] == ["1.png", "2.png", "3.png", "4.png", "11.png"]
    assert some.held_out == ()
    with pytest.raises(ConfigurationError, match=r"1\.png is in none of the folders"):
        find_pictures([tmp_path / "other"], splits=[tmp_path / "some.txt"])
    with pytest.raises(ConfigurationError, match="Only 3 images"):
        find_pictures([photographs], splits=[tmp_path / "some.txt"], left_out=[tmp_path / "two.txt"])


# Parts


def test_targets_have_zero_mean_and_unit_variance_in_every_channel():
    features = torch.randn(5, 3, 4, 4, generator=torch.Generator().manual_seed(0)) * 7 + 2
    features[:, 2] = 4
    moments = Moments(3)
    for part in features.split(2):
        moments.add(part)
    scale = Scale([3])
    scale.measure([moments])
    (standardised,) = scale.standardise([features])
    assert torch.allclose(standardised.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(standardised.std((0, 2, 3), correction=0)[:2], torch.ones(2), atol=1e-5)
    assert torch.allclose(scale.restore_last(standardised, 0), features, atol=1e-5)


def test_explained_variance_is_1_for_a_copy_and_0_for_the_mean():
    targets = torch.randn(6, 3, 2, 2, generator=torch.Generator().manual_seed(1))
    mean = targets.mean((0, 2, 3), keepdim=True).expand_as(targets)
    explained = Explained([3, 3, 3])
    for start in (0, 3):
        rows = slice(start, start + 3)
        explained.add([targets[rows], mean[rows], -targets[rows]], [targets[rows]] * 3)
    copy, average, opposite = explained.shares(ALONE)
    assert copy == pytest.approx(1)
    assert average == pytest.approx(0, abs=1e-6)
    assert opposite < -2


def test_the_clock_counts_what_is_left_by_the_area_of_images():
    clock = Clock(QUICK.replace(epochs=4), steps_per_epoch=5)
    assert clock.pixels_left == 10 * 32**2 + 10 * 64**2
    for _ in range(12):
        clock.count(1.0)
    assert clock.pixels_left == 8 * 64**2
    again = Clock(clock.config, 5)
    again.restore(json.loads(json.dumps(clock.to_dict())))
    assert again == clock


@pytest.mark.parametrize(
    ("progress", "size"), [(0.0, 128), (0.549, 128), (0.55, 160), (0.849, 160), (0.85, 224), (1.0, 224)]
)
def test_phases_follow_each_other(progress, size):
    assert DistillationConfig().size_at(progress) == size


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phases": ((0.5, 128),)}, "sum to 1"),
        ({"phases": ((1.0, 100),)}, "multiple of 32"),
        ({"phases": ()}, "at least"),
        ({"strides": (8, 8, 32)}, "rise"),
        ({"strides": (8, 32)}, "depth_weights must have one entry"),
        ({"teacher_layers": ("a",)}, "teacher_layers must have one entry"),
        ({"fed_until": 0.7}, "fed_until and mixed_until"),
        ({"temperature": 0.0}, "temperature"),
        ({"batch_size": 1}, "batch_size"),
        ({"teacher_padding": "odd"}, "teacher_padding"),
        ({"teacher_scale": 0.5}, "teacher_scale must be 1 to 2"),
        ({"last_weight": 0.0, "depth_weights": (0.0, 0.0, 0.0)}, "weight above 0"),
    ],
)
def test_impossible_settings_are_refused(changes, reason):
    with pytest.raises(ConfigurationError, match=reason):
        QUICK.replace(**changes)


def test_settings_survive_json():
    assert DistillationConfig.from_dict(json.loads(json.dumps(QUICK.to_dict()))) == QUICK


# Runs that cannot be


def test_a_folder_in_use_is_refused(sources, tmp_path):
    output = tmp_path / "run"
    with DistillationRun.start(QUICK, sources, output), pytest.raises(TrainingRunError, match="being trained by"):
        DistillationRun.resume(output)
    with pytest.raises(OutputError, match="not empty"):
        DistillationRun.start(QUICK, sources, output)
    with pytest.raises(TrainingRunError, match="holds no run"):
        DistillationRun.resume(tmp_path / "nothing")
    with pytest.raises(TrainingRunError, match=r"There is no folder .*nothing"):
        read_distillation(tmp_path / "nothing")
    with pytest.raises(TrainingRunError, match=r"another kind.*captioner distill --resume"):
        read_run(output)
    assert read_distillation(output) == (QUICK, sources)
    (output / "distillation.json").write_text("{")
    with pytest.raises(TrainingRunError, match="missing or damaged"):
        DistillationRun.resume(output)


def test_other_photographs_are_refused(finished_run, photographs, tmp_path):
    run = shutil.copytree(finished_run, tmp_path / "run")
    fewer = shutil.copytree(photographs, tmp_path / "photographs")
    (fewer / "5.png").unlink()
    settings = (run / "distillation.json").read_text()
    (run / "distillation.json").write_text(settings.replace(str(photographs), str(fewer)))
    with pytest.raises(TrainingRunError, match="photographs that the run began with"):
        DistillationRun.resume(run)


def test_divergence_is_said(sources, tmp_path):
    with pytest.raises(ConfigurationError, match="diverged"):
        distil(sources, tmp_path / "run", QUICK.replace(warmup_steps=0, weight_decay=1e30))
