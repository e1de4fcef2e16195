"""How attention is drawn survives settings files of any content."""

import dataclasses
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.viewmodels.overlay_style import MODES, OverlayStyle

styles = st.builds(
    OverlayStyle,
    mode=st.sampled_from(MODES),
    colour_map=st.sampled_from(("viridis", "magma", "cividis")),
    opacity=st.floats(0, 1),
    is_smooth=st.booleans(),
    is_scale_shared=st.booleans(),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(styles)
def test_reads_back_what_it_wrote(style):
    assert OverlayStyle.from_dict(json.loads(json.dumps(style.to_dict()))) == style


@settings(deadline=None)
@given(
    anything | st.fixed_dictionaries({}, optional={field.name: anything for field in dataclasses.fields(OverlayStyle)})
)
def test_any_settings_give_a_style_that_can_be_drawn(values):
    style = OverlayStyle.from_dict(values)
    assert style.mode in MODES
    assert style.colour_map.isidentifier()
    assert 0 <= style.opacity <= 1
    assert {type(style.is_smooth), type(style.is_scale_shared)} == {bool}


@pytest.mark.parametrize(
    "bad", [{"opacity": 1.5}, {"opacity": math.nan}, {"opacity": True}, {"mode": ["heat"]}, {"is_smooth": 1}]
)
def test_a_bad_value_takes_its_default_and_the_others_stay(bad):
    assert OverlayStyle.from_dict({"colour_map": "magma", "newer": 1, **bad}) == OverlayStyle(colour_map="magma")
