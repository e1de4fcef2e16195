"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_python_example_runs_and_prints_a_line_per_word(monkeypatch, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(ROOT)
    names = {}
    exec(example, names)
    caption, *words = capsys.readouterr().out.splitlines()
    assert caption == names["caption"].text
    assert len(words) == len(names["caption"].words) > 3
    assert all("%" in line and "Rectangle(" in line for line in words)


def test_captions_shown_are_those_the_model_gives():
    from captioner import Captioner

    shown = dict(re.findall(r"^(resources/samples/\S+): (.+)$", README, re.MULTILINE))
    assert len(shown) >= 4
    captioner = Captioner.load(precision="float32")
    given = {path: captioner.caption(ROOT / path) for path in shown}
    # Processors round differently, so that now and then another caption of the beam comes out first.
    close = [
        text in {given[path].text, *(other.text for other in given[path].alternatives)} for path, text in shown.items()
    ]
    assert sum(close) >= len(shown) - 1, {path: caption.text for path, caption in given.items()}


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
