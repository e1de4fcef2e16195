import os

from captioner.openmp import WAITING, configure_openmp


def test_threads_wait_as_set_unless_the_environment_says_otherwise(monkeypatch):
    monkeypatch.setattr(os, "environ", {"GOMP_SPINCOUNT": "7"})
    configure_openmp()
    assert os.environ == {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "7"}
    os.environ.clear()
    configure_openmp()
    assert os.environ == WAITING
