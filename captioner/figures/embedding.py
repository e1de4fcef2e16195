"""Pictures as bytes and as text, for files that carry them inside."""

from __future__ import annotations

import base64
import io

from PIL import Image


def jpeg(image: Image.Image, quality: int) -> bytes:
    """A JPEG file of the picture."""
    content = io.BytesIO()
    image.save(content, "JPEG", quality=quality, optimize=True)
    return content.getvalue()


def png(image: Image.Image) -> bytes:
    """A PNG file of the picture."""
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def data_uri(content: bytes, kind: str) -> str:
    """A picture of MIME type ``image/KIND`` in the form that HTML and SVG take instead of a file's address."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
