"""What the lecture's table says of rows, and the page it is put into."""

import json
from fractions import Fraction
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def page(recipe):
    return recipe("lecture_page")


@pytest.fixture
def row(page):
    """``row(cider=40)``: a row of the table."""
    values = {
        "name": "gru-soft",
        "title": "GRU",
        "parameters": 4_321_000,
        "bleu_4": 19.94,
        "cider": 44.26,
        "dev_loss": 2.71828,
        "loss_per": "word",
        "best_epoch": 5,
        "captions_per_second": 123.4,
        "is_alone": True,
        "gradient_norm": 0.987,
        "gradient_norm_95": 2.345,
        "captions": {"a.jpg": "a dog runs", "b.jpg": "two men play"},
    }
    return lambda **changes: page.Row(**(values | changes))


def step(number, norm=1.0, speed=100.0):
    return json.dumps({"event": "steps_finished", "step": number, "gradient_norm": norm, "captions_per_second": speed})


@pytest.mark.parametrize(
    ("images", "count", "chosen"),
    [(1000, 5, [0, 250, 500, 749, 999]), (5, 5, [0, 1, 2, 3, 4]), (3, 5, [0, 1, 2]), (9, 2, [0, 8]), (0, 5, [])],
)
def test_images_are_evenly_spaced(page, images, count, chosen):
    assert page.evenly_spaced(list(range(images)), count) == chosen


def test_steps_done_again_count_once_and_a_cut_line_not_at_all(page):
    lines = [step(20, 1), json.dumps({"event": "epoch_finished"}), step(40, 2), '{"event": "steps_fini', step(40, 3)]
    steps = page.read_steps(lines)
    assert {number: report["gradient_norm"] for number, report in steps.items()} == {20: 1, 40: 3}


def test_summary_of_steps(page):
    reports = page.read_steps([step(number, norm=number, speed=1000 - number) for number in range(1, 101)])
    assert page.summarise_steps(reports.values()) == (50.5, 95, 949.5)


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), hundredths=st.integers(1, 100))
def test_percentile_is_the_least_value_that_so_many_do_not_exceed(page, values, hundredths):
    found = page.percentile(values, Fraction(hundredths, 100))
    enough = [value for value in values if 100 * sum(other <= value for other in values) >= hundredths * len(values)]
    assert found == min(enough)


def test_percentile_agrees_with_quantiles_of_many_values(page):
    values = [(7919 * index % 1000) / 10 for index in range(1000)]
    assert page.percentile(values, 0.95) == pytest.approx(quantiles(values, n=20)[-1], abs=0.1)


def test_table_shows_each_row_and_the_best_in_bold(page, row):
    rows = [row(), row(title="LSTM", cider=45.0), row(title="letters", loss_per="character", cider=30.0)]
    lines = page.render_table(rows).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2] == "| GRU | 4.32 M | 19.9 | 44.3 | 2.718 per word | 123 | 0.99 | 2.35 |"
    assert ["**" in line for line in lines[2:]] == [False, True, False]
    assert "2.718 per character" in lines[4]


def test_table_without_rows_has_a_head(page):
    assert page.render_table([]).count("\n") == 1


@pytest.mark.parametrize(
    ("alone", "sentence"),
    [((True, True), "one row at a time over 40 steps"), ((True, False), "may have shared the machine")],
)
def test_protocol_says_how_speeds_were_measured(page, row, alone, sentence):
    protocol = {
        "epochs": 1, "seed": 3, "batch_size": 80, "beam_size": 3, "training_images": 40, "dev_images": 6,
        "speed_steps": 40, "machine": "2 processors",
    }  # fmt: skip
    text = page.render_protocol(protocol, [row(is_alone=is_alone) for is_alone in alone])
    assert sentence in text
    assert "1 epoch over 40 photographs" in text


def test_captions_come_photograph_by_photograph(page, row):
    text = page.render_captions([row(), row(title="LSTM", captions={"a.jpg": "a cat", "b.jpg": "a boy"})])
    first, second = text.split("\n\n")
    assert "`a.jpg`" in first
    assert "| GRU | a dog runs |\n| LSTM | a cat |" in first
    assert "| GRU | two men play |\n| LSTM | a boy |" in second


def test_rows_survive_json(page, row):
    assert page.Row.from_dict(json.loads(json.dumps(row().to_dict()))) == row()


def test_region_is_filled_and_filled_again(page):
    text = "before\n<!-- table: begin (made) -->\n<!-- table: end -->\nafter\n"
    once = page.fill_region(text, "table", r"one \1")
    assert once == "before\n<!-- table: begin (made) -->\none \\1\n<!-- table: end -->\nafter\n"
    assert page.fill_region(page.fill_region(once, "table", "two\nlines"), "table", r"one \1") == once


@pytest.mark.parametrize("copies", [0, 2])
def test_page_without_one_region_is_refused(page, copies):
    text = "<!-- table: begin -->\n<!-- table: end -->\n" * copies
    with pytest.raises(ValueError, match=f"one region named table, not {copies}"):
        page.fill_region(text, "table", "content")


def test_page_of_the_lecture_has_every_region(page, recipe):
    text = recipe("lecture_table").PAGE.read_text(encoding="utf-8")
    for region in (page.TABLE, page.PROTOCOL, page.CAPTIONS):
        assert "filled" in page.fill_region(text, region, "filled")
