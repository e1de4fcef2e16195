from gui.library.facts import build_of, facts_of, main_scores, measures_of, use_hint


def test_scores_begin_with_the_best_known(make_model):
    scores = (("BLEU-1", 65.8), ("Own", 3.0), ("METEOR", 19.0), ("BLEU-4", 21.46), ("CIDEr", 50.31))

    assert main_scores(make_model(scores=scores)) == [
        ("CIDEr", "50.3"),
        ("BLEU-4", "21.5"),
        ("METEOR", "19.0"),
        ("BLEU-1", "65.8"),
    ]


def test_what_the_maker_left_out_is_left_out(make_model):
    labels = [name for name, _ in facts_of(make_model(licence="MIT", data="", limits=""))]

    assert labels == ["Licence", "Size"]


def test_measures_name_size_words_and_places(make_model):
    text = measures_of(make_model(size=35_546_216, vocabulary=812, grid=(6, 9)))

    assert "36 MB" in text
    assert "812" in text
    assert "6 × 9" in text


def test_a_model_in_a_folder_of_its_own_tells_where_it_lies(make_model):
    assert ("Origin", "/data/mine") in build_of(make_model(origin="folder", path="/data/mine"))
    assert ("Origin", "Installed by you") in build_of(make_model(origin="installed"))


def test_a_model_without_an_encoder_says_what_it_is_for(make_model):
    model = make_model(encoder="", grid=(0, 0))
    assert measures_of(model).endswith("features only")
    assert dict(build_of(model))["Encoder"] == "None: features only"
    assert "captioner caption --features" in use_hint(model)
    assert use_hint(make_model()) == ""
