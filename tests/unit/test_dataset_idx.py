"""The IDX reader takes what is right and refuses all else with file and byte."""

import gzip
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset import DatasetError, idx

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
LABELS = np.array([0, 1, 2, 1], np.uint8)


def encode(array: np.ndarray, element_type: int = 0x08) -> bytes:
    return bytes([0, 0, element_type, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def written(directory: Path, content: bytes) -> Path:
    path = directory / "some-file"
    path.write_bytes(content)
    return path


def refusal(path: Path, read=idx.read_images) -> str:
    with pytest.raises(DatasetError) as caught:
        read(path)
    assert caught.value.advice
    return caught.value.message


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads_images_and_labels(tmp_path, pack):
    np.testing.assert_array_equal(idx.read_images(written(tmp_path, pack(encode(IMAGES)))), IMAGES)
    np.testing.assert_array_equal(idx.read_labels(written(tmp_path, pack(encode(LABELS)))), LABELS)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "byte 0: the file is no IDX file, where idx3-ubyte is wanted"),
        (encode(LABELS), "byte 0: the file is idx1-ubyte, where idx3-ubyte is wanted"),
        (encode(np.zeros((2, 8), ">i4"), 0x0C), "byte 0: the file is idx2-int, where idx3-ubyte is wanted"),
        (encode(IMAGES)[:9], "byte 9: the file ends within its header"),
        (encode(IMAGES)[:-1], "byte 75: the file ends here; its header promises 76 bytes"),
        (encode(IMAGES) + b"\0", "byte 76: the file goes on after the last number that its header promises"),
        (encode(IMAGES[:0]), "byte 4: the file is empty"),
        (encode(np.zeros((1, 4, 65), np.uint8)), "byte 12: an image side of 65 pixels; 1 to 64 can be used"),
        (encode(np.zeros((1, 0, 4), np.uint8)), "byte 8: an image side of 0 pixels; 1 to 64 can be used"),
        (b"\0\0\x08\x03\xff\xff\xff\xff" + 2 * b"\0\0\0\x40", "byte 4: the header promises 17,592,186,040,320 bytes; at most"),
    ],
)
def test_damage_is_named_with_its_byte(tmp_path, content, expected):
    path = written(tmp_path, content)
    assert refusal(path).startswith(f"{path}, {expected}")


def test_a_label_that_is_no_class_is_named_with_its_byte(tmp_path):
    path = written(tmp_path, encode(np.array([0, 1, 64], np.uint8)))
    assert refusal(path, idx.read_labels) == f"{path}, byte 10: the label 64 is above 63"


def test_more_images_than_labels_are_refused(tmp_path):
    path = written(tmp_path, encode(IMAGES))
    assert refusal(path, lambda path: idx.read_images(path, count=2)) == f"{path}, byte 4: there are 3 images, but 2 labels"


def test_a_damaged_gzip_stream_is_refused(tmp_path):
    packed = gzip.compress(encode(IMAGES))
    wrong_checksum = packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]
    assert "incorrect data check" in refusal(written(tmp_path, wrong_checksum))
    assert refusal(written(tmp_path, packed[:-4])).endswith(f"byte {len(packed) - 4}: the gzip stream ends early")
    assert refusal(written(tmp_path, packed + b"more")).endswith(f"byte {len(packed)}: the file goes on after the end of the gzip stream")
    assert refusal(written(tmp_path, gzip.compress(encode(IMAGES)[:-1]))).endswith(
        "byte 75 unpacked: the file ends here; its header promises 76 bytes"
    )


def test_a_gzip_bomb_is_unpacked_no_further_than_its_header_promises(tmp_path, monkeypatch):
    unpacked = 0
    original = zlib.decompressobj

    class Counting:
        def __init__(self, wbits):
            self.stream = original(wbits)

        def __getattr__(self, name):
            return getattr(self.stream, name)

        def decompress(self, block, limit):
            nonlocal unpacked
            part = self.stream.decompress(block, limit)
            unpacked += len(part)
            return part

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    path = written(tmp_path, gzip.compress(encode(IMAGES) + bytes(2**20)))
    assert "byte 76 unpacked: the file goes on" in refusal(path)
    assert unpacked == len(encode(IMAGES)) + 1


def test_a_missing_file_and_a_directory_are_refused(tmp_path):
    assert refusal(tmp_path / "nothing") == f"{tmp_path / 'nothing'} does not exist"
    assert refusal(tmp_path) == f"{tmp_path} is not a file"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200, derandomize=True)
@given(data=st.data(), packed=st.booleans())
def test_mutated_bytes_load_or_raise_the_documented_error(tmp_path, data, packed):
    content = bytearray(gzip.compress(encode(IMAGES)) if packed else encode(IMAGES))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                content[position] = data.draw(st.integers(0, 255))
            case "cut":
                del content[position : position + data.draw(st.integers(1, 8))]
                content = content or bytearray(b"\0")
            case "insert":
                content[position:position] = data.draw(st.binary(max_size=8))
    path = written(tmp_path, bytes(content))
    try:
        images = idx.read_images(path)
    except DatasetError as error:
        assert str(path) in error.message
    else:
        assert images.ndim == 3
        assert images.size <= len(IMAGES.tobytes()) + 24
