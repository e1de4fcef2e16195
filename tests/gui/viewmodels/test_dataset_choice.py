"""Which files a model is to learn from, and what each of them is for."""

import pytest

from captioner.worker.training_protocol import DatasetChecked, DatasetChoice, DatasetSummary
from gui.viewmodels.dataset_choice import DatasetSelection
from gui.viewmodels.dataset_files import choice_of, looks_like_data

USABLE = DatasetSummary(is_usable=True)
REFUSED = DatasetSummary(refusals=("captions.csv is empty.",))


@pytest.fixture
def place(tmp_path):
    """Makes files and folders of these names, and tells their paths."""

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return [str(tmp_path / name) for name in names]

    return make


@pytest.fixture
def dataset():
    dataset = DatasetSelection()
    dataset.changes = 0

    def count():
        dataset.changes += 1

    dataset.changed.connect(count)
    return dataset


# Roles


def test_features_and_captions_are_told_apart_by_their_names(place):
    train, dev, captions = place("flickr8k-train.h5", "flickr8k_dev.hdf5", "captions.csv")
    expected = DatasetChoice(features=train, dev_features=dev, captions=captions)
    assert choice_of([train, dev, captions]) == choice_of([captions, dev, train]) == expected


def test_a_folder_of_such_files_is_what_they_are(place, tmp_path):
    train, dev, captions, _ = place("set/train.h5", "set/val.h5", "set/captions.json", "set/README.txt")
    assert choice_of([str(tmp_path / "set")]) == DatasetChoice(features=train, dev_features=dev, captions=captions)


def test_photographs_and_captions_can_be_made_features_of(place, tmp_path):
    place("flickr/Images/1.jpg", "flickr/Images/2.JPG")
    (captions,) = place("flickr/captions.txt")
    images = str(tmp_path / "flickr" / "Images")
    assert choice_of([str(tmp_path / "flickr")]) == DatasetChoice(captions=captions, images=images)
    assert choice_of([images, captions]) == DatasetChoice(captions=captions, images=images)


def test_flickr8k_as_it_is_downloaded_is_understood(place, tmp_path):
    place("Flicker8k_Dataset/1.jpg")
    names = ("Flickr8k.token.txt", "Flickr8k.lemma.token.txt", "ExpertAnnotations.txt", "readme.txt")
    token, *_ = place(*(f"text/{name}" for name in names))
    train, dev, _ = place(*(f"text/Flickr_8k.{split}Images.txt" for split in ("train", "dev", "test")))
    choice = choice_of([str(tmp_path / "Flicker8k_Dataset"), str(tmp_path / "text")])
    assert (choice.captions, choice.train_split, choice.dev_split) == (token, train, dev)
    assert choice.images == str(tmp_path / "Flicker8k_Dataset")
    assert choice.paths == ()


def test_lists_of_images_beside_features_are_checked_with_them(place, dataset):
    names = ("features.h5", "captions.txt", "Flickr_8k.trainImages.txt", "Flickr_8k.devImages.txt")
    features, captions, train, dev = place(*names)
    dataset.add([features, captions, train, dev])
    assert dataset.choice == DatasetChoice(features, captions=captions, train_split=train, dev_split=dev)
    assert dataset.begin_check() == (features, captions, train, dev)


@pytest.mark.parametrize(
    "names",
    [
        ("coco2014_captions.h5", "coco2014_vocab.json", "train2014_vgg16_fc7.h5", "val2014_vgg16_fc7.h5"),
        ("cocotalk.json", "cocotalk_label.h5", "cocotalk_att/1.npz"),
        ("TRAIN_IMAGES_coco.hdf5", "TRAIN_CAPTIONS_coco.json", "TRAIN_CAPLENS_coco.json", "WORDMAP_coco.json"),
        ("dataset_coco.json", "train36.hdf5"),
        ("features/1.npy",),
        ("captions_train2014.json", "captions_val2014.json"),
    ],
)
def test_other_layouts_are_left_to_the_engine(place, tmp_path, names):
    place(*(f"set/{name}" for name in names))
    folder = str(tmp_path / "set")
    assert choice_of([folder]) == DatasetChoice(paths=(folder,))


def test_a_folder_with_nothing_known_and_one_that_is_not_there_are_left_to_the_engine(place, tmp_path):
    place("set/film.mkv")
    paths = (str(tmp_path / "set"), str(tmp_path / "nowhere"))
    assert choice_of(paths) == DatasetChoice(paths=paths)


def test_photographs_in_folders_side_by_side_are_those_of_the_folder_around(place, tmp_path):
    captions, *_ = place("coco/dataset_coco.json", "coco/train2014/1.jpg", "coco/val2014/2.jpg")
    folder = str(tmp_path / "coco")
    expected = DatasetChoice(captions=captions, images=folder)
    assert choice_of([folder]) == expected
    assert choice_of([captions, f"{folder}/train2014", f"{folder}/val2014"]) == expected
    assert choice_of([captions, f"{folder}/val2014"]).images == str(tmp_path / "coco" / "val2014")


def test_photographs_beside_another_layout_are_no_part_of_what_is_checked(place, tmp_path):
    place("set/cocotalk.json", "set/cocotalk_label.h5", "photos/1.jpg")
    layout, photographs = str(tmp_path / "set"), str(tmp_path / "photos")
    assert choice_of([layout, photographs]) == DatasetChoice(paths=(layout,), images=photographs)


def test_hidden_files_and_single_photographs_are_passed_over(place, tmp_path):
    (captions,) = place("set/captions.csv")
    place("set/.DS_Store", "set/.hidden.h5")
    (photograph,) = place("1.jpg")
    assert choice_of([str(tmp_path / "set"), photograph]) == DatasetChoice(captions=captions)


def test_what_is_dropped_on_the_page_is_data_unless_it_is_a_photograph(place, tmp_path):
    data, photograph, unknown = place("a.H5", "b.jpg", "c.exe")
    assert [looks_like_data(path) for path in (data, photograph, unknown, str(tmp_path))] == [True, False, False, True]


# Choosing


def test_files_are_added_and_taken_out(dataset, place):
    train, captions = place("train.h5", "captions.csv")
    dataset.add([train])
    dataset.add([captions])
    dataset.add([captions])
    assert (dataset.choice.features, dataset.choice.captions) == (train, captions)
    dataset.remove(train)
    dataset.remove("unknown")
    assert (dataset.choice, dataset.changes) == (DatasetChoice(captions=captions), 3)
    dataset.clear()
    assert dataset.is_empty


def test_a_part_of_a_folder_can_be_taken_out(dataset, place, tmp_path):
    train, dev, captions = place("set/train.h5", "set/dev.h5", "set/captions.csv")
    dataset.add([str(tmp_path / "set")])
    dataset.remove(dev)
    assert dataset.choice == DatasetChoice(features=train, captions=captions)


def test_features_that_were_made_belong_to_the_photographs(dataset, place, tmp_path):
    place("photos/1.jpg")
    (captions,) = place("captions.csv")
    assert not dataset.is_buildable
    dataset.add([str(tmp_path / "photos"), captions])
    assert dataset.is_buildable
    dataset.set_features("made.h5", "made-dev.h5")
    assert not dataset.is_buildable
    assert (dataset.choice.features, dataset.choice.dev_features) == ("made.h5", "made-dev.h5")
    dataset.add([])
    assert dataset.choice.features == "made.h5"
    dataset.remove("made.h5")
    assert dataset.is_buildable


def test_the_files_of_an_earlier_run_keep_their_roles(dataset):
    choice = DatasetChoice(features="one.h5", dev_features="two.h5", captions="three.json", images="photos")
    dataset.set_choice(choice)
    assert dataset.choice == choice


# Checking


def test_a_check_is_awaited_and_its_report_taken(dataset, place):
    dataset.add(place("train.h5", "captions.csv"))
    files = dataset.begin_check()
    assert (files, dataset.is_checking, dataset.is_usable) == (dataset.choice.files, True, False)
    dataset.take_report(DatasetChecked(paths=files, report=USABLE))
    assert (dataset.report, dataset.is_checking, dataset.is_usable) == (USABLE, False, True)


def test_a_check_that_was_dropped_brings_no_report(dataset, place):
    dataset.add(place("train.h5", "captions.csv"))
    files = dataset.begin_check()
    dataset.drop_check()
    dataset.take_report(DatasetChecked(paths=files, report=USABLE))
    assert (dataset.report, dataset.is_checking, dataset.changes) == (None, False, 3)


def test_a_report_on_other_files_is_passed_over(dataset, place):
    train, captions, dev = place("train.h5", "captions.csv", "dev.h5")
    dataset.add([train, captions])
    files = dataset.begin_check()
    dataset.add([dev])
    assert not dataset.is_checking
    dataset.take_report(DatasetChecked(paths=files, report=USABLE))
    assert dataset.report is None


def test_other_files_need_another_check_but_photographs_do_not(dataset, place, tmp_path):
    train, captions = place("train.h5", "captions.csv")
    place("photos/1.jpg")
    dataset.add([train, captions])
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=USABLE))
    dataset.add([str(tmp_path / "photos")])
    assert (dataset.choice.images, dataset.is_usable) == (str(tmp_path / "photos"), True)
    dataset.remove(captions)
    assert dataset.report is None


def test_captions_alone_cannot_be_trained_on_however_whole_they_are(dataset, place):
    dataset.add(place("captions.csv"))
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=USABLE))
    assert (dataset.is_usable, dataset.is_refused) == (False, False)


def test_a_refusal_is_no_use(dataset, place):
    dataset.add(place("train.h5", "captions.csv"))
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=REFUSED))
    assert (dataset.is_usable, dataset.is_refused) == (False, True)


@pytest.mark.parametrize("order", [("",), ("annotations", "train2014", "val2014")])
def test_coco_as_it_is_downloaded_is_understood(place, tmp_path, order):
    place("coco/train2014/1.jpg", "coco/val2014/2.jpg")
    names = ("captions_train2014.json", "captions_val2014.json", "instances_train2014.json")
    train, val, _ = place(*(f"coco/annotations/{name}" for name in names))
    choice = choice_of([str(tmp_path / "coco" / part) for part in order])
    assert choice.images == str(tmp_path / "coco")
    assert choice.paths == ((train, val) if order == ("",) else (str(tmp_path / "coco" / "annotations"),))


def test_captions_in_a_folder_beside_that_of_the_photographs_are_found(place, tmp_path):
    place("flickr/Flicker8k_Dataset/1.jpg", "flickr/Flickr8k_text/ExpertAnnotations.txt", "flickr/notes/todo.txt")
    parts = ("Flickr8k.token.txt", "Flickr_8k.trainImages.txt", "Flickr_8k.devImages.txt")
    token, train, dev = place(*(f"flickr/Flickr8k_text/{part}" for part in parts))
    images = str(tmp_path / "flickr" / "Flicker8k_Dataset")
    expected = DatasetChoice(captions=token, images=images, train_split=train, dev_split=dev)
    assert choice_of([str(tmp_path / "flickr")]) == expected


def test_photographs_beside_other_texts_are_photographs(place, tmp_path):
    place("trip/day/1.jpg", "trip/texts/notes.txt")
    assert choice_of([str(tmp_path / "trip")]) == DatasetChoice(images=str(tmp_path / "trip" / "day"))


def test_features_of_a_given_choice_keep_its_other_files(dataset, place, tmp_path):
    captions, _, _ = place("corrected/captions.json", "trip/inside/1.jpg", "trip/notes.txt")
    given = DatasetChoice(captions=captions, images=str(tmp_path / "trip"))
    dataset.set_choice(given)
    assert dataset.is_buildable
    dataset.set_features("made.h5", model="mine")
    assert dataset.choice == DatasetChoice(
        features="made.h5", captions=captions, images=str(tmp_path / "trip"), model="mine"
    )
    dataset.remove("made.h5")
    assert dataset.choice == given


def test_features_that_another_model_made_are_let_go(dataset, place, tmp_path):
    captions, _ = place("captions.json", "trip/1.jpg")
    dataset.add([captions, str(tmp_path / "trip")])
    dataset.set_features("made.h5", model="mine")
    dataset.keep_features_of("mine")
    assert dataset.choice.features == "made.h5"
    dataset.keep_features_of(None)
    assert dataset.is_buildable


def test_features_that_a_user_brought_are_never_let_go(dataset, place):
    train, captions = place("train.h5", "captions.csv")
    dataset.add([train, captions])
    dataset.keep_features_of("mine")
    assert dataset.choice.features == train


def test_a_data_set_of_another_layout_can_be_trained_on_once_it_is_checked(dataset, place, tmp_path):
    place("coco/coco2014_captions.h5", "coco/train2014_vgg16_fc7.h5", "coco/coco2014_vocab.json")
    dataset.add([str(tmp_path / "coco")])
    assert dataset.has_features
    assert not dataset.is_usable
    paths = dataset.begin_check()
    dataset.take_report(DatasetChecked(paths=paths, report=USABLE))
    assert dataset.is_usable
    assert not dataset.is_buildable


def test_a_data_set_without_features_waits_for_them(dataset, place, tmp_path):
    pixels, made = place("set/TRAIN_IMAGES_a.hdf5", "made.h5")
    place("set/TRAIN_CAPTIONS_a.json", "set/WORDMAP_a.json")
    dataset.add([str(tmp_path / "set")])
    without = DatasetSummary(is_usable=True, has_features=False)
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=without))
    assert not any((dataset.has_features, dataset.is_usable, dataset.is_buildable))

    report = DatasetSummary(is_usable=True, has_features=False, pixel_files=(pixels,))
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=report))
    assert dataset.is_buildable
    assert dataset.pixel_files == (pixels,)

    dataset.add_features([made], "mine")
    assert dataset.choice.paths == (str(tmp_path / "set"), made)
    assert dataset.choice.model == "mine"
    assert dataset.report is None
    dataset.remove(made)
    assert dataset.choice.paths == (str(tmp_path / "set"),)


def test_several_captions_files_beside_photographs_wait_for_features(dataset, place, tmp_path):
    *files, made, _ = place("captions_train.json", "captions_val.json", "made.h5", "photographs/1.jpg")
    dataset.add([*files, str(tmp_path / "photographs")])
    report = DatasetSummary(is_usable=True, has_features=False, captions_files=tuple(files))
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=report))
    assert dataset.is_buildable
    assert dataset.captions_files == tuple(files)

    dataset.add_features([made], images=str(tmp_path / "elsewhere"))
    assert dataset.choice.paths == (*files, made)
    assert dataset.choice.images == str(tmp_path / "elsewhere")
    dataset.remove(made)
    assert dataset.choice.images == str(tmp_path / "photographs")


def test_several_captions_files_alone_wait_for_photographs(dataset, place):
    files = place("captions_train.json", "captions_val.json")
    dataset.add(files)
    report = DatasetSummary(is_usable=True, has_features=False, captions_files=tuple(files))
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=report))
    assert not dataset.is_buildable
