"""Perceptually uniform colour maps: equal steps of weight look equally far apart, in grey and to every eye.

Viridis, magma and inferno were made for Matplotlib by Nathaniel Smith, Stéfan van der Walt and Eric Firing (2015, CC0);
cividis by Nuñez, Anderton and Renslow (2018, doi:10.1371/journal.pone.0199239) to look the same with and without a
colour vision deficiency.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

# Every fifth of the 256 published colours; between them straight lines stray by less than 4 of 255.
_ANCHORS = {
    "viridis": (
        "44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d"
        "31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c"
        "35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51d"
        "fde725"
    ),
    "cividis": (
        "00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c4e566c535a6d"
        "575d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878928c789690779b9476a09875"
        "a59c74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65bdfca57e5cf52ead34cf0d846f6dd3ffce236"
        "fee838"
    ),
    "magma": (
        "00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a107952137c5a167e6219806a1c81"
        "721f81792282812581892881912b81992d80a1307eaa337db2357bba3878c23b75ca3e72d2426fd9466be04c67e75263ec5860"
        "f1605df4695cf7725cf97b5dfb8560fc8e64fd9869fea16efeaa74feb47bfebd82fec68afecf92fed89afde2a3fdebacfcf4b6"
        "fcfdbf"
    ),
    "inferno": (
        "00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e71196e"
        "781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337e45a31e9612b"
        "ed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156f2ea69f2f27df5f992"
        "fcffa4"
    ),
}

COLOUR_MAPS = tuple(_ANCHORS)
"""Names of all maps, the default first."""


@functools.cache
def colour_map(name: str) -> NDArray[np.uint8]:
    """The colours from no weight to full weight.

    Parameters
    ----------
    name
        One of `COLOUR_MAPS`; any other, such as one of a newer version's settings, stands for the first.

    Returns
    -------
    colours
        (256, 3) uint8 RGB, growing lighter; read-only.
    """
    anchors = np.frombuffer(bytes.fromhex(_ANCHORS.get(name, _ANCHORS[COLOUR_MAPS[0]])), np.uint8).reshape(-1, 3)
    steps, places = np.arange(256), np.linspace(0, 255, len(anchors))
    colours = np.rint(np.stack([np.interp(steps, places, channel) for channel in anchors.T], axis=1)).astype(np.uint8)
    colours.flags.writeable = False
    return colours
