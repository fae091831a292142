"""Fetching data sets, from a server on this machine that misbehaves in the ways that servers do."""

import contextlib
import gzip
import hashlib
import io
import socket
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from click.testing import CliRunner

from dataset import DatasetError, registry
from dataset.catalogue import IDX_FILES, REGISTERED, Archive, Published, Registered
from engine.data import download as http
from engine.data.fetching import LOCK_FILE, fetch
from engine.storage.lock import Lock
from tests.unit.misbehaving_server import Handler, Server
from tui.cli import main
from tui.commandline import datasets

IMAGES = np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3)
LABELS = np.array([0, 1, 1, 0], np.uint8)
RAW = {
    name: b"\x00\x00\x08" + bytes([array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape) + array.tobytes()
    for name in IDX_FILES
    for array in [IMAGES if "images" in name else LABELS]
}
PACKED = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in RAW.items()}
FIRST = f"{IDX_FILES[0]}.gz"
REPACKED = {f"{name}.gz": gzip.compress(data, 1, mtime=7) for name, data in RAW.items()}


class Notes:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.seen: list[tuple[str, int, int | None]] = []

    def progress(self, file: str, done: int, total: int | None) -> None:
        self.seen.append((file, done, total))

    def note(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def server():
    with Server(PACKED) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch) -> Path:
    """Where fetched data sets go."""
    monkeypatch.setenv("DIGITS_TUI_DATASETS_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DIGITS_TUI_MIRROR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "data"


def tiny(*mirrors: str, packed: bool = False) -> Registered:
    files = tuple(Published(name, hashlib.sha256(PACKED[f"{name}.gz"] if packed else RAW[name]).hexdigest(), packed) for name in IDX_FILES)
    return Registered("tiny", "four images", ("left", "right"), 1, files=files, mirrors=mirrors)


def get(entry: Registered, source: str | None = None) -> list[str]:
    notes = Notes()
    fetch(entry, notes, source)
    return notes.lines


def refusal(entry: Registered, source: str | None = None) -> DatasetError:
    with pytest.raises(DatasetError) as caught:
        get(entry, source)
    assert "digits-tui dataset get tiny --from DIR" in caught.value.advice
    return caught.value


def behaves(server: Server, name: str) -> str:
    server.behaviours[name] = getattr(Handler, name)
    return server.address(name)


def test_a_data_set_is_fetched_once_and_has_its_classes_names(server, data, monkeypatch):
    entry = tiny(server.address("whole"))
    monkeypatch.setattr(registry, "REGISTERED", {"tiny": entry})
    assert get(entry) == []
    loaded = registry.load("tiny")
    np.testing.assert_array_equal(loaded.train.images, IMAGES.reshape(4, 6))
    assert (loaded.classes, loaded.path, registry.is_registered(loaded)) == (("left", "right"), str(data / "tiny"), True)
    assert all(check.is_good for check in registry.verify("tiny"))
    assert registry.load_test("tiny").classes == ("left", "right")
    get(entry)
    assert server.requests["whole"] == 4
    assert sorted(path.name for path in (data / "tiny").iterdir()) == [LOCK_FILE, *sorted(PACKED)]


def test_unpacked_digests_let_mirrors_pack_as_they_like(server):
    server.files = REPACKED
    assert get(tiny(server.address("whole"))) == []
    with pytest.raises(DatasetError, match="not the published file"):
        get(replace(tiny(server.address("whole"), packed=True), name="other"))


def test_progress_ends_with_the_whole_file(server):
    notes = Notes()
    fetch(tiny(server.address("whole")), notes)
    size = len(PACKED[FIRST])
    assert [(done, total) for name, done, total in notes.seen if name == FIRST] == [(0, size), (size, size)]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("forbidden", "it answers 403 Forbidden"),
        ("loop", "it redirects too often"),
        ("chain", "it redirects too often"),
        ("to_a_file", "to where nothing can be fetched"),
        ("page", "what it gives is no such file"),
        ("damaged", "what it gives is not the published file"),
        ("always_cut", f"the connection ended after 10 of {len(PACKED[FIRST])} bytes"),
        ("cut_chunk", "the connection broke"),
        ("huge", "it promises 1,099,511,627,776 bytes"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_taken(server, monkeypatch, behaviour, reason):
    server.files = {**PACKED, **{name + "x" * count: data for name, data in PACKED.items() for count in range(1, 8)}}
    bad = behaves(server, behaviour)
    notes = get(tiny(bad, server.address("whole")))
    assert [note.partition(": ")[0] for note in notes] == [f"{bad}/{name}.gz" for name in IDX_FILES]
    assert reason in notes[0]


def test_a_mirror_that_falls_silent_is_named_and_the_next_one_taken(server, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT", 0.5)
    server.behaviours["mute"] = lambda handler, data: (Handler.silent if handler.path.endswith(FIRST) else Handler.whole)(handler, data)
    [note] = get(tiny(server.address("mute"), server.address("whole")))
    assert f"{FIRST}: it fell silent for 0.5 s after 10 bytes" in note


def test_where_no_mirror_helps_the_error_says_why_in_a_sentence(server):
    bad = behaves(server, "forbidden")
    assert refusal(tiny(bad)).message == f"tiny cannot be fetched: {bad}/{FIRST}: it answers 403 Forbidden"
    error = refusal(tiny(behaves(server, "page"), bad))
    assert error.message.startswith("tiny cannot be fetched: none of its 2 addresses gives train-images-idx3-ubyte.gz; of the last, it ")
    assert "\n" not in error.message


def test_offline(server):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    nobody = f"http://127.0.0.1:{port}"
    assert refusal(tiny(nobody, f"{nobody}/b")).message == "tiny cannot be fetched: there is no connection to any of its 2 addresses"


def test_redirections_are_followed(server):
    assert get(tiny(behaves(server, "moved"))) == []


def test_chunks_without_a_length_are_taken(server):
    assert get(tiny(behaves(server, "chunked"))) == []


def test_a_broken_transfer_goes_on_where_it_stopped(server):
    assert get(tiny(behaves(server, "cut"))) == []
    assert f"bytes={len(PACKED[FIRST]) // 2}-" in server.ranges


@pytest.mark.parametrize("behaviour", ["ranged", "whole"])
@pytest.mark.parametrize(
    "left",
    [PACKED[FIRST][:20], b"something else", PACKED[FIRST], PACKED[FIRST] + b"more"],
    ids=["a part", "something else", "all", "too much"],
)
def test_what_an_earlier_process_left_is_gone_on_with_or_thrown_away(server, data, behaviour, left):
    address = behaves(server, behaviour)
    part = data / "tiny" / f".{FIRST}.{hashlib.sha256(f'{address}/{FIRST}'.encode()).hexdigest()[:8]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(left)
    assert get(tiny(address)) == []
    assert (data / "tiny" / FIRST).read_bytes() == PACKED[FIRST]
    assert not list((data / "tiny").glob(".*.part"))


def test_a_server_that_sends_another_part_is_refused(server, data):
    address = behaves(server, "wrong_part")
    assert "it sent another part" in refusal(tiny(address)).message


def test_files_that_were_damaged_later_are_fetched_again(server, data):
    entry = tiny(server.address("whole"))
    get(entry)
    (data / "tiny" / FIRST).write_bytes(gzip.compress(b"\x00\x00\x08\x03"))
    (data / "tiny" / f"{IDX_FILES[3]}.gz").unlink()
    get(entry)
    assert server.requests["whole"] == 6
    assert (data / "tiny" / FIRST).read_bytes() == PACKED[FIRST]


@pytest.mark.parametrize("place", ["", "tiny"])
def test_files_can_be_taken_from_a_directory(tmp_path, data, place):
    own = tmp_path / "own" / place
    own.mkdir(parents=True)
    for name, content in RAW.items():
        (own / name).write_bytes(content)
    assert get(tiny("http://127.0.0.1:9"), str(tmp_path / "own")) == []
    assert (data / "tiny" / FIRST).read_bytes() == RAW[IDX_FILES[0]]
    (own / IDX_FILES[1]).unlink()
    (data / "tiny" / f"{IDX_FILES[1]}.gz").unlink()
    error = refusal(tiny(), str(tmp_path / "own"))
    assert error.message == f"tiny cannot be fetched: {own / IDX_FILES[1]}.gz: there is no such file"
    assert "again later" not in error.advice


def test_a_mirror_of_ones_own_takes_the_publishers_place(server, monkeypatch):
    monkeypatch.setenv("DIGITS_TUI_MIRROR", server.address("")[:-1])
    get(tiny("http://127.0.0.1:9"))
    assert server.requests["tiny"] == 4


def test_two_at_once_fetch_once(server, data):
    entry = tiny(server.address("whole"))
    (data / "tiny").mkdir(parents=True)
    held = Lock(data / "tiny" / LOCK_FILE)
    notes = Notes()
    second = threading.Thread(target=fetch, args=(entry, notes))
    second.start()
    while not notes.lines:
        second.join(0.01)
    assert notes.lines == ["another process is fetching tiny; waiting for it"]
    assert not server.requests
    held.release()
    second.join()
    assert server.requests["whole"] == 4


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_an_archive_gives_four_files_with_images_turned_upright(server, data, monkeypatch):
    names = dict(zip(IDX_FILES, ("a-train-images.gz", "a-train-labels.gz", "a-test-images.gz", "a-test-labels.gz"), strict=True))
    content = zipped({"../../evil.gz": b"x", **{f"gzip/{member}": PACKED[f"{name}.gz"] for name, member in names.items()}})
    server.files = {"gzip.zip": content}
    address = f"{server.address('whole')}/gzip.zip"
    digests = {"http://127.0.0.1:9/gzip.zip": "0" * 64, address: hashlib.sha256(content).hexdigest()}
    archive = Archive(MappingProxyType(digests), MappingProxyType(names))
    entry = Registered("tiny", "four images", ("left", "right"), 1, archive=archive, is_transposed=True)
    monkeypatch.setattr(registry, "REGISTERED", {"tiny": entry})
    assert len(get(entry)) == 1
    loaded = registry.load("tiny")
    assert (loaded.height, loaded.width) == (3, 2)
    np.testing.assert_array_equal(loaded.train.images, IMAGES.swapaxes(1, 2).reshape(4, 6))
    np.testing.assert_array_equal(registry.load_test("tiny").test.images, loaded.test.images)
    assert all(check.is_good for check in registry.verify("tiny"))
    assert sorted(path.name for path in (data / "tiny").iterdir()) == sorted([LOCK_FILE, "SHA256SUMS", *PACKED])
    get(entry)
    assert server.requests["whole"] == 1
    (data / "tiny" / FIRST).write_bytes(PACKED[f"{IDX_FILES[2]}.gz"] + b"\x00")
    assert not registry.verify("tiny")[0].is_good
    get(entry)
    assert server.requests["whole"] == 2


def test_an_archive_of_another_digest_is_refused(server, tmp_path):
    archive = Archive(MappingProxyType({"http://127.0.0.1:9": "0" * 64}), MappingProxyType({name: name for name in IDX_FILES}))
    entry = Registered("tiny", "four images", ("left", "right"), 1, archive=archive)
    (tmp_path / "gzip.zip").write_bytes(zipped(dict.fromkeys(IDX_FILES, b"")))
    assert "not the published file" in refusal(entry, str(tmp_path)).message


def test_every_registered_data_set_has_several_addresses_and_whole_digests():
    for entry in REGISTERED.values():
        addresses = tuple(entry.archive.digests) if entry.archive else entry.mirrors
        digests = list(entry.archive.digests.values()) if entry.archive else [file.digest for file in entry.files]
        assert len(set(addresses)) >= 2
        assert all(len(digest) == 64 and int(digest, 16) for digest in digests)
        assert len(entry.classes) == 10
        if not entry.archive:
            assert [file.name for file in entry.files] == list(IDX_FILES)


def test_the_command_line_fetches_lists_and_verifies(server, data, monkeypatch):
    monkeypatch.setattr(registry, "REGISTERED", {"tiny": tiny(server.address("whole")), "mnist": REGISTERED["mnist"]})

    def invoke(*arguments: str):
        return CliRunner().invoke(main, ["dataset", *arguments])

    assert "to fetch, 1 MB" in invoke("list").stdout
    assert invoke("get", "tiny").stdout == f"tiny: {data / 'tiny'}\n"
    assert "here" in invoke("list").stdout
    assert invoke("verify", "tiny").stdout.count("as published") == 4
    assert invoke("get", "mnist").stdout.startswith("mnist: comes with the program")
    (data / "tiny" / FIRST).write_bytes(REPACKED[f"{IDX_FILES[2]}.gz"])
    assert invoke("verify", "tiny").exit_code == 0
    wrong = invoke("get", "tniy")
    assert (wrong.exit_code, wrong.stderr) == (2, "Error: there is no data set tniy; did you mean tiny?\nGive a name: tiny, mnist.\n")


def test_a_data_set_that_is_asked_for_is_fetched_on_the_way(server, data, monkeypatch, capsys):
    monkeypatch.setattr(registry, "REGISTERED", {"tiny": tiny(server.address("whole"))})
    datasets.ensure("tiny")
    datasets.ensure("tiny")
    datasets.ensure("mnist")
    assert capsys.readouterr().err == "Fetching tiny, about 1 MB.\n"
    assert registry.REGISTERED["tiny"].is_here
