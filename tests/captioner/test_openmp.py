import os

import pytest

from captioner.openmp import WAITING, configure_openmp


@pytest.mark.parametrize("chosen", [{}, {"GOMP_SPINCOUNT": "7"}, {"OMP_WAIT_POLICY": "ACTIVE"}])
def test_threads_wait_as_set_unless_the_environment_says_otherwise(monkeypatch, chosen):
    monkeypatch.setattr(os, "environ", dict(chosen))
    configure_openmp()
    assert os.environ == (chosen or WAITING)
