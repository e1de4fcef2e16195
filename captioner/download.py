"""Downloads that resume, can be cancelled, and are checked against their hash before they are kept; https only.

Nothing here runs unless the user asked for something that has to be downloaded.
"""

from __future__ import annotations

import hashlib
import http.client
import logging
import os
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from captioner.errors import DownloadError, OutputError

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30.0
BLOCK_BYTES = 2**18
MAX_BYTES = 4 * 2**30


class DownloadCancelledError(DownloadError):
    """A download that its user stopped; what has arrived is kept for the next time."""


def is_safe_url(url: str) -> bool:
    """Whether ``url`` may be downloaded from, be it given or redirected to: https only."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname)


def download_file(
    url: str,
    target: Path,
    *,
    sha256_prefix: str,
    on_progress: Callable[[int, int], None] | None = None,
    should_cancel: Callable[[], bool] | None = None,
) -> None:
    """Download ``url`` to ``target``, which appears whole and with the right hash or not at all.

    What arrives is kept beside the target as ``{name}.part``, from which the next call goes on. It is thrown away, and
    fetched once more from the beginning, when it turns out not to have the right hash.

    Parameters
    ----------
    url
        An https address.
    target
        Where the file goes; one that is there already is replaced.
    sha256_prefix
        First 8 to 64 hex digits of the file's SHA-256.
    on_progress
        Called with bytes done and bytes in all, 0 when the server does not say.
    should_cancel
        Asked before every block, 256 KB.

    Raises
    ------
    DownloadCancelledError
        If ``should_cancel`` said so.
    DownloadError
        If the address or a redirect is not https, the server cannot be reached or refuses, the connection is cut, or
        the hash is wrong.
    OutputError
        If the file cannot be written.
    """
    if not re.fullmatch(r"[0-9a-f]{8,64}", sha256_prefix):
        raise DownloadError(f"{url} cannot be checked: {sha256_prefix!r:.80} is not the beginning of a SHA-256.")
    _require_safe(url)
    part = target.with_name(f"{target.name}.part")
    with _writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    was_resumed = _fetch(url, part, on_progress, should_cancel)
    if was_resumed and not _has_hash(part, sha256_prefix):
        logger.info("The part of %s that was kept did not fit; it is fetched again from the beginning.", url)
        _remove(part)
        _fetch(url, part, on_progress, should_cancel)
    if not _has_hash(part, sha256_prefix):
        _remove(part)
        raise DownloadError(
            f"What came from {url} is not the file that was published. It was deleted; try again later."
        )
    with _writing(target):
        part.replace(target)


def _require_safe(url: str) -> None:
    if not is_safe_url(url):
        raise DownloadError(f"{url} is not a secure (https) address, so nothing was downloaded from it.")


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to where a download may begin."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _require_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch(
    url: str, part: Path, on_progress: Callable[[int, int], None] | None, should_cancel: Callable[[], bool] | None
) -> bool:
    """Complete ``part``; returns whether bytes from an earlier call are in it."""
    done = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": "captioner", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
    with _explaining_failures(url):
        opener = urllib.request.build_opener(_SafeRedirects)
        try:
            response = opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            error.close()
            # The server has nothing after the end of what is there: it is whole, or the hash will tell.
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and done:
                return True
            raise
        with response:
            if not _continues(response, done):
                done = 0
            _receive(response, part, done, url, on_progress, should_cancel)
    return done > 0


def _continues(response: http.client.HTTPResponse, done: int) -> bool:
    """Whether the server sends what follows after the first ``done`` bytes, and not all from the beginning."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return False
    begins = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if begins is None or int(begins[1]) != done:
        raise http.client.HTTPException("the server sent another part than it was asked for")
    return True


def _receive(
    response: http.client.HTTPResponse,
    part: Path,
    done: int,
    url: str,
    on_progress: Callable[[int, int], None] | None,
    should_cancel: Callable[[], bool] | None,
) -> None:
    length = response.headers.get("Content-Length", "")
    total = done + int(length) if length.isdecimal() else 0
    if total > MAX_BYTES:
        raise DownloadError(f"{url} is larger than {MAX_BYTES // 2**30} GB and was not downloaded.")
    with _writing(part):
        stream = part.open("ab" if done else "wb", buffering=0)
    with stream:
        while True:
            if should_cancel is not None and should_cancel():
                raise DownloadCancelledError(f"The download of {url} was stopped. The next one goes on from here.")
            block = response.read(BLOCK_BYTES)
            if not block:
                break
            done += len(block)
            if done > MAX_BYTES:
                raise DownloadError(f"{url} is larger than {MAX_BYTES // 2**30} GB and was not downloaded.")
            with _writing(part):
                _write_all(stream, block)
            if on_progress is not None:
                on_progress(done, total)
        with _writing(part):
            os.fsync(stream.fileno())
    if done < total:
        raise DownloadError(
            f"The download of {url} was cut after {done / 1e6:.1f} of {total / 1e6:.1f} MB. "
            "Try again; it goes on from there."
        )


def _write_all(stream: Any, block: bytes) -> None:
    # An unbuffered file may take only a part of what it is given, as it does when the disk is almost full.
    rest = memoryview(block)
    while rest:
        rest = rest[stream.write(rest) :]


def _has_hash(path: Path, sha256_prefix: str) -> bool:
    with _writing(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest().startswith(sha256_prefix)


def _remove(path: Path) -> None:
    with _writing(path):
        path.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn a failure of the disk into an `OutputError`, so that it is not taken for one of the network."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} could not be written: {error.strerror or error}. Free some space or allow writing there, "
            "then try again; the download goes on from where it is.",
            path=path,
        ) from error


@contextmanager
def _explaining_failures(url: str) -> Iterator[None]:
    """Turn a failure of the network into a `DownloadError`."""
    host = urlsplit(url).hostname
    try:
        yield
    except urllib.error.HTTPError as error:
        if error.code in (http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE):
            raise DownloadError(f"There is no file at {url} any more ({error.code}). Update Captioner.") from error
        raise DownloadError(f"{host} refused {url} with error {error.code}. Try again later.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            message = f"{host} could not prove that it is {host}, so nothing was taken from it. Check date and network."
        elif isinstance(reason, TimeoutError):
            message = f"{host} did not answer within {TIMEOUT_SECONDS:.0f} seconds. Try again; a download goes on."
        else:
            message = f"The connection to {host} failed. Check that this computer is online, then try again."
        raise DownloadError(message) from error
