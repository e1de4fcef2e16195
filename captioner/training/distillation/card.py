"""A page about an encoder that was made by distillation, for whoever uses or ships it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def encoder_card(about: Mapping[str, Any]) -> str:
    """The page in Markdown, from the content of ``encoder.json``."""
    encoder, teacher = about["encoder"], about["teacher"]
    size, name = encoder["input_size"], encoder["name"]
    minutes = about["seconds"] / 60
    weights_of_teacher = (
        f"a file with the SHA-256 `{teacher['weights_sha256']}`"
        if teacher["weights_sha256"]
        else "torchvision's published weights"
    )
    explained = "\n".join(f"| {depth} | {share:.1%} |" for depth, share in about["explained_variance"].items())
    return f"""# Encoder: {name}

{about["parameters"] / 1e6:.1f} M parameters; {about["channels"]} features in each cell of {about["stride"]} x \
{about["stride"]} pixels; made for photographs of {size} x {size} pixels, the whole squeezed to a square. Weights are
float16, SHA-256 `{about["weights_sha256"]}`.

    captioner extract --images DIR --encoder {name} --weights encoder.safetensors --input-size {size} -o features.h5

## How it was made

Distilled, without labels, from {teacher["name"]} ({weights_of_teacher}; asked at {", ".join(teacher["layers"])}) on
{about["images"]:,} photographs: {about["views"]:,} views in {minutes:,.0f} minutes. Its weights are its own; of the
teacher's none are in them. All settings are in `encoder.json`.

## What it reaches

On {about["images_held_out"]:,} photographs held out, it explains of the variance of the teacher's features:

| Depth | Share |
|---|---|
{explained}
"""
