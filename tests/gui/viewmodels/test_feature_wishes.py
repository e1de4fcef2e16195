"""What can be said of the encoder behind features, and what training is told of it."""

import pytest

from captioner.encoder_registry import OWN_ENCODER, shares_weights
from captioner.errors import ConfigurationError
from captioner.worker.training_protocol import DatasetChecked, DatasetChoice, DatasetSummary
from gui.viewmodels.dataset_choice import DatasetSelection
from gui.viewmodels.feature_wishes import EncoderQuestion, FeatureWishes, encoder_question

FEATURES = DatasetChoice("/d/t.h5", captions="/d/c.csv")
UNNAMED = DatasetSummary(is_usable=True, may_be_of_an_encoder=True)
FOREIGN = DatasetSummary(is_usable=True, encoder="vgg16", may_be_of_an_encoder=True)


@pytest.fixture
def wishes():
    wishes = FeatureWishes()
    wishes.changes = 0

    def count():
        wishes.changes += 1

    wishes.changed.connect(count)
    return wishes


@pytest.fixture
def dataset():
    return DatasetSelection()


@pytest.fixture
def checked(dataset):
    """The selection after a check of features found this."""

    def check(report, choice=FEATURES):
        dataset.set_choice(choice)
        dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=report))
        return dataset

    return check


def test_another_encoder_has_other_weights(wishes):
    wishes.set_encoder("vgg16")
    wishes.set_weights("/w/vgg16.safetensors")
    wishes.set_views(7)
    wishes.set_encoder("vgg16")
    assert (wishes.weights, wishes.views, wishes.changes) == ("/w/vgg16.safetensors", 7, 3)
    wishes.set_encoder("vgg19")
    assert (wishes.weights, wishes.views) == ("", 7)
    wishes.set_encoder("")
    assert wishes.encoder == ""


def test_wishes_that_cannot_be_are_refused(wishes):
    with pytest.raises(ConfigurationError, match="no encoder 'vgg1'"):
        wishes.set_encoder("vgg1")
    for views in (-1, 16):
        with pytest.raises(ConfigurationError, match="must be 0 to 15"):
            wishes.set_views(views)
    assert wishes.changes == 0


def test_the_question_is_what_the_data_leaves_open(checked, dataset):
    assert encoder_question(dataset) is None
    dataset.set_choice(DatasetChoice(captions="/d/c.csv", images="/d/images"))
    assert encoder_question(dataset) is EncoderQuestion.MAKE_WITH
    assert encoder_question(checked(UNNAMED)) is EncoderQuestion.MADE_BY
    assert encoder_question(checked(FOREIGN)) is EncoderQuestion.WEIGHTS


@pytest.mark.parametrize(
    "report",
    [
        DatasetSummary(is_usable=True),
        DatasetSummary(is_usable=True, encoder=OWN_ENCODER, may_be_of_an_encoder=True),
        DatasetSummary(is_usable=True, encoder="nobody-knows", may_be_of_an_encoder=True),
        DatasetSummary(refusals=("It is empty.",), may_be_of_an_encoder=True),
    ],
    ids=["regions", "bundled", "unheard of", "refused"],
)
def test_there_is_no_question_where_no_answer_would_help(checked, report):
    assert encoder_question(checked(report)) is None


def test_features_made_by_chosen_weights_raise_no_question(dataset):
    dataset.set_choice(DatasetChoice(captions="/d/c.csv", images="/d/images"))
    dataset.set_features("/f/all.h5", weights="/w/vgg16.safetensors")
    dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=FOREIGN))
    assert encoder_question(dataset) is None
    assert dataset.choice.encoder_weights == "/w/vgg16.safetensors"
    dataset.remove("/f/all.h5")
    assert dataset.choice.encoder_weights is None
    assert dataset.is_buildable


def test_weights_are_lacking_where_neither_a_model_nor_a_file_has_them(wishes, dataset):
    dataset.set_choice(DatasetChoice(captions="/d/c.csv", images="/d/images"))
    assert not wishes.lacks_weights(dataset)
    wishes.set_encoder("stepped_resnet18_dilated")
    assert not wishes.lacks_weights(dataset)
    wishes.set_encoder("vgg16")
    assert wishes.lacks_weights(dataset)
    assert not wishes.lacks_weights(dataset, "mine")
    wishes.set_weights("/w/vgg16.safetensors")
    assert not wishes.lacks_weights(dataset)


def test_weights_are_lacking_for_the_encoder_that_features_name(wishes, checked):
    assert wishes.lacks_weights(checked(FOREIGN))
    wishes.set_weights("/w/vgg16.safetensors")
    assert not wishes.lacks_weights(checked(FOREIGN))


def test_training_is_told_what_made_the_features(wishes, checked):
    dataset = checked(UNNAMED)
    assert wishes.told_of(dataset, "mine") == FEATURES
    wishes.set_encoder("vgg16")
    wishes.set_weights("/w/vgg16.safetensors")
    told = wishes.told_of(dataset)
    assert (told.encoder, told.encoder_weights, told.model) == ("vgg16", "/w/vgg16.safetensors", None)
    assert told.files == FEATURES.files
    assert wishes.told_of(dataset, "mine").model == "mine"


def test_of_features_that_name_their_encoder_only_the_weights_are_told(wishes, checked):
    wishes.set_encoder("resnet18")
    wishes.set_weights("/w/vgg16.safetensors")
    told = wishes.told_of(checked(FOREIGN))
    assert (told.encoder, told.encoder_weights) == (None, "/w/vgg16.safetensors")
    assert wishes.told_of(checked(DatasetSummary(is_usable=True, encoder=OWN_ENCODER))) == FEATURES


def test_the_bundled_model_has_weights_of_our_own_encoder():
    from captioner.model_library import find_package

    assert shares_weights(find_package(None).require_encoder().name, OWN_ENCODER)
