"""Downloads against a server on this machine: resumed, cancelled, cut, redirected, wrong, and never left half done."""

from __future__ import annotations

import errno
import hashlib
import http.server
import io
import os
import socket
import threading
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from captioner import download
from captioner.download import DownloadCancelledError, download_file, is_safe_url
from captioner.errors import DownloadError, OutputError

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """What the server does, and what it was asked for."""

    url: str = ""
    content: bytes = CONTENT
    status: int = 200
    cut_after: int | None = None
    ignores_range: bool = False
    wrong_range: bool = False
    says_length: bool = True
    redirect: str = ""
    silent_for: threading.Event | None = None
    ranges: list[str | None] = field(default_factory=list)


class Handler(http.server.BaseHTTPRequestHandler):
    server_state: Server

    def do_GET(self) -> None:
        state = self.server_state
        asked = self.headers.get("Range")
        state.ranges.append(asked)
        if state.silent_for is not None:
            state.silent_for.wait(10)
            return
        if state.redirect and self.path == "/file":
            self.send_response(302)
            self.send_header("Location", state.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and not state.ignores_range else 0
        body = state.content[start:]
        status = 206 if asked and not state.ignores_range else state.status
        if asked and not body and not state.ignores_range:
            status = 416
        self.send_response(status)
        if status == 206:
            first = 7 if state.wrong_range else start
            self.send_header("Content-Range", f"bytes {first}-{len(state.content) - 1}/{len(state.content)}")
        if state.says_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if state.cut_after is None else body[: state.cut_after])

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()
    handler = type("BoundHandler", (Handler,), {"server_state": state})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        state.url = f"http://127.0.0.1:{listening.server_address[1]}/file"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        # Only this server is trusted; every other address stays refused as it is for users.
        trusted = state.url.removesuffix("file")
        monkeypatch.setattr(download, "is_safe_url", lambda url: url.startswith(trusted) or is_safe_url(url))
        monkeypatch.setenv("no_proxy", "*")
        yield state
        listening.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights.pth"


def part_of(target: Path) -> Path:
    return target.with_name("weights.pth.part")


def fetch(server: Server, target: Path, **options: Any) -> None:
    download_file(server.url, target, **{"sha256_prefix": SHA256[:8], **options})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("says_length", [True, False])
def test_a_file_arrives_and_its_bytes_are_counted(server: Server, target: Path, says_length: bool) -> None:
    server.says_length = says_length
    seen: list[tuple[int, int]] = []
    fetch(server, target, on_progress=lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert names(target.parent) == ["weights.pth"]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT) if says_length else 0)
    assert server.ranges == [None]


def test_missing_folders_are_made(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path / "a" / "b" / "weights.pth")
    assert (tmp_path / "a" / "b" / "weights.pth").read_bytes() == CONTENT


def test_a_cut_download_goes_on_from_there(server: Server, target: Path) -> None:
    server.cut_after = 300_000
    with pytest.raises(DownloadError, match=r"cut after 0\.3 of 1\.0 MB"):
        fetch(server, target)
    assert names(target.parent) == ["weights.pth.part"]
    server.cut_after = None
    seen: list[tuple[int, int]] = []
    fetch(server, target, on_progress=lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-"]
    assert seen[0][0] > 300_000
    assert seen[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("kept", [CONTENT[:1000], b"x" * 1000, CONTENT + b"x"], ids=["right", "wrong", "too long"])
def test_a_server_that_cannot_resume_sends_all_again(server: Server, target: Path, kept: bytes) -> None:
    server.ignores_range = True
    part_of(target).write_bytes(kept)
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert len(server.ranges) == 1


@pytest.mark.parametrize("kept", [b"x" * 1000, CONTENT + b"x", b"x" * len(CONTENT)])
def test_a_kept_part_that_does_not_fit_is_fetched_anew(server: Server, target: Path, kept: bytes) -> None:
    part_of(target).write_bytes(kept)
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(kept)}-", None]


def test_a_part_that_is_whole_is_not_fetched_again(server: Server, target: Path) -> None:
    part_of(target).write_bytes(CONTENT)
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT)}-"]


def test_another_part_than_asked_for_is_refused(server: Server, target: Path) -> None:
    server.wrong_range = True
    part_of(target).write_bytes(CONTENT[:1000])
    with pytest.raises(DownloadError, match="connection"):
        fetch(server, target)
    assert part_of(target).read_bytes() == CONTENT[:1000]


@pytest.mark.parametrize("was_there", [False, True])
def test_a_wrong_file_is_never_left_in_place(server: Server, target: Path, was_there: bool) -> None:
    server.content = CONTENT[:-1] + b"x"
    if was_there:
        target.write_bytes(b"old")
    with pytest.raises(DownloadError, match="not the file that was published"):
        fetch(server, target)
    assert names(target.parent) == (["weights.pth"] if was_there else [])
    assert not was_there or target.read_bytes() == b"old"


def test_cancelling_keeps_what_has_arrived(server: Server, target: Path) -> None:
    arrived: list[int] = []
    with pytest.raises(DownloadCancelledError, match="stopped"):
        fetch(
            server,
            target,
            on_progress=lambda done, _: arrived.append(done),
            should_cancel=lambda: bool(arrived),
        )
    assert part_of(target).stat().st_size == arrived[0]
    assert not target.exists()
    fetch(server, target, should_cancel=lambda: False)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("status", "message"), [(404, "no file at .* any more"), (410, "no file"), (403, "error 403"), (503, "error 503")]
)
def test_refusals_of_the_server_are_explained(server: Server, target: Path, status: int, message: str) -> None:
    server.status = status
    with pytest.raises(DownloadError, match=message):
        fetch(server, target)
    assert names(target.parent) == []


@pytest.mark.parametrize(
    "url",
    ["http://example.org/file", "ftp://example.org/file", "file:///etc/passwd", "https:///file", "example.org", ""],
)
def test_only_https_is_downloaded(target: Path, url: str) -> None:
    with pytest.raises(DownloadError, match="not a secure"):
        download_file(url, target, sha256_prefix=SHA256)
    assert names(target.parent) == []


def test_https_is_allowed() -> None:
    assert is_safe_url("https://example.org/file")


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9/file", "ftp://127.0.0.1/file", "file:///etc/passwd"])
def test_redirects_to_insecure_addresses_are_refused(server: Server, target: Path, elsewhere: str) -> None:
    server.redirect = elsewhere
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9|ftp:|error 302"):
        fetch(server, target)
    assert names(target.parent) == []


def test_redirects_to_trusted_addresses_are_followed_and_resumed(server: Server, target: Path) -> None:
    server.redirect = server.url.replace("/file", "/elsewhere")
    part_of(target).write_bytes(CONTENT[:1000])
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == ["bytes=1000-", "bytes=1000-"]


def test_a_silent_server_is_given_up(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.1)
    server.silent_for = threading.Event()
    with pytest.raises(DownloadError, match="did not answer"):
        fetch(server, target)
    server.silent_for.set()


@pytest.mark.parametrize(
    "failure", [socket.gaierror(-2, "unknown"), ConnectionRefusedError(), io.UnsupportedOperation()]
)
def test_no_network_is_explained(target: Path, monkeypatch: pytest.MonkeyPatch, failure: OSError) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise urllib.error.URLError(failure)

    monkeypatch.setattr("urllib.request.OpenerDirector.open", fail)
    with pytest.raises(DownloadError, match=r"connection to example\.org failed.*online"):
        download_file("https://example.org/file", target, sha256_prefix=SHA256)


def test_a_full_disk_is_not_blamed_on_the_network(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(download, "_write_all", fail)
        with pytest.raises(OutputError, match="No space left"):
            fetch(server, target)
    assert not target.exists()
    fetch(server, target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("says_length", [True, False])
def test_endless_files_are_refused(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch, says_length: bool
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 1000)
    server.says_length = says_length
    with pytest.raises(DownloadError, match="larger than"):
        fetch(server, target)
    assert not target.exists()


@pytest.mark.parametrize("prefix", ["", "abc", "ABCDEF01", "xyzxyzxy", "0" * 65])
def test_downloads_without_a_hash_are_refused(server: Server, target: Path, prefix: str) -> None:
    with pytest.raises(DownloadError, match="SHA-256"):
        fetch(server, target, sha256_prefix=prefix)
    assert server.ranges == []
