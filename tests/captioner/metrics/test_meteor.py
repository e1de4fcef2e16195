import logging
import shutil
import subprocess

import pytest

from captioner.errors import ConfigurationError
from captioner.metrics import meteor as meteor_module
from captioner.metrics.meteor import meteor


class _Wrapper:
    """Stands for the wrapper of pycocoevalcap: a child process, a lock, and a `compute_score` that may fail."""

    made: list["_Wrapper"] = []  # noqa: RUF012

    def __init__(self, answer):
        self.meteor_p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lock = meteor_module.threading.Lock()
        self.answer = answer
        self.seen = None
        self.made.append(self)

    def compute_score(self, truths, results):
        self.seen = truths, results
        self.lock.acquire()
        if isinstance(self.answer, Exception):
            raise self.answer
        self.lock.release()
        return self.answer, [self.answer]


@pytest.fixture
def install(monkeypatch):
    """Put a stand-in with the given answer where pycocoevalcap would be."""
    if shutil.which("cat") is None:
        pytest.skip("there is no cat to stand for Java")

    def put(answer):
        module = type("Module", (), {"Meteor": staticmethod(lambda: _Wrapper(answer))})
        monkeypatch.setattr(meteor_module.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(meteor_module.importlib, "import_module", lambda name: module)

    monkeypatch.setattr(_Wrapper, "made", [])
    return put


def _assert_ended(wrapper):
    assert wrapper.meteor_p.poll() is not None
    assert wrapper.meteor_p.stdin.closed
    assert wrapper.meteor_p.stdout.closed
    assert wrapper.meteor_p.stderr.closed
    assert not wrapper.lock.locked()


def test_the_process_is_ended_after_scoring(install):
    install(0.25)
    assert meteor([["a", "|||", "dog"]], [[["a"], ["dog"]]]) == 0.25
    assert _Wrapper.made[0].seen == ({0: ["a", "dog"]}, {0: ["a dog"]})
    _assert_ended(_Wrapper.made[0])


@pytest.mark.parametrize("error", [ValueError("could not convert"), BrokenPipeError("pipe")])
def test_a_failing_process_is_ended_and_gives_none(install, caplog, error):
    install(error)
    with caplog.at_level(logging.WARNING):
        assert meteor([["a"]], [[["a"]]]) is None
    assert "its Java process failed" in caplog.text
    _assert_ended(_Wrapper.made[0])


def test_without_java_there_is_none_and_the_log_says_why(monkeypatch, caplog):
    monkeypatch.setattr(meteor_module.shutil, "which", lambda name: None)
    with caplog.at_level(logging.INFO):
        assert meteor([["a"]], [[["a"]]]) is None
    assert "needs Java" in caplog.text


def test_without_pycocoevalcap_there_is_none_and_the_log_says_why(monkeypatch, caplog):
    def refuse(name):
        raise ImportError(name)

    monkeypatch.setattr(meteor_module.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(meteor_module.importlib, "import_module", refuse)
    with caplog.at_level(logging.INFO):
        assert meteor([["a"]], [[["a"]]]) is None
    assert "pycocoevalcap" in caplog.text


def test_refuses_an_image_without_reference():
    with pytest.raises(ConfigurationError, match="no reference"):
        meteor([["a"]], [[]])
