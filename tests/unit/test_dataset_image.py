"""Pictures become what the network was trained on."""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataset import DatasetError, image


def stroke() -> np.ndarray:
    """A bright seven on black, 28x28, as MNIST would have it: 20 pixels high, its centre of mass at (14, 14)."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:7, 10:20] = 255
    digit[7:24, 15:18] = 255
    rows, columns = np.nonzero(digit)
    return np.roll(digit, (14 - round(rows.mean()), 14 - round(columns.mean())), (0, 1))


def enlarged(levels: np.ndarray, factor: int = 10) -> np.ndarray:
    return np.kron(levels, np.ones((factor, factor), np.uint8))


def png(directory: Path, picture: Image.Image, **options) -> Path:
    path = directory / "digit.png"
    picture.save(path, **options)
    return path


def read(path: Path, height: int = 28, width: int = 28) -> np.ndarray:
    images = image.read_images(path, height, width)
    assert images.dtype == np.uint8
    return images.reshape(-1, height, width)


def refusal(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        image.read_images(path, 28, 28)
    assert caught.value.advice
    assert str(path) in caught.value.message
    return caught.value.message


def test_an_image_of_the_right_size_is_taken_as_it_is_but_for_inversion(tmp_path):
    np.testing.assert_array_equal(read(png(tmp_path, Image.fromarray(stroke())))[0], stroke())
    np.testing.assert_array_equal(read(png(tmp_path, Image.fromarray(255 - stroke())))[0], stroke())


def pictures() -> dict[str, Image.Image]:
    large = enlarged(stroke())
    off_centre = np.full((500, 400), 255, np.uint8)
    off_centre[10:290, 100:380] -= large
    dark_ink = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    dark_ink.putalpha(Image.fromarray(large))
    bright_ink = Image.new("RGBA", (280, 280), (255, 255, 200, 0))
    bright_ink.putalpha(Image.fromarray(large))
    return {
        "bright on dark": Image.fromarray(large),
        "dark on bright, off centre": Image.fromarray(off_centre),
        "grey paper": Image.fromarray((150 - large * 0.4).astype(np.uint8)),
        "colour": Image.merge("RGB", [Image.fromarray(255 - large)] * 2 + [Image.fromarray(np.full_like(large, 255))]),
        "dark ink on nothing": dark_ink,
        "bright ink on nothing": bright_ink,
        "palette": Image.fromarray(255 - large).convert("P"),
        "one bit": Image.fromarray(large).convert("1"),
        "sixteen bits": Image.fromarray(65535 - large.astype(np.uint16) * 257),
    }


@pytest.mark.parametrize("kind", pictures())
def test_pictures_are_cropped_scaled_and_centred(tmp_path, kind):
    found = read(png(tmp_path, pictures()[kind]))[0]
    assert np.abs(found.astype(int) - stroke()).mean() < 5, found
    rows, _ = np.nonzero(found)
    assert rows.max() - rows.min() + 1 == 20
    assert found.max() == 255


def test_jpeg_noise_is_taken_for_paper(tmp_path):
    path = tmp_path / "digit.jpg"
    Image.fromarray(255 - enlarged(stroke())).save(path, quality=20)
    assert np.abs(read(path)[0].astype(int) - stroke()).mean() < 5


def test_the_digit_fits_other_sizes_and_stays_inside(tmp_path):
    corner = np.zeros((100, 100), np.uint8)
    corner[:10, :] = corner[:, :10] = 255
    found = read(png(tmp_path, Image.fromarray(corner)), 14, 21)[0]
    assert found.shape == (14, 21)
    assert found.any(axis=1).sum() == 10


def test_all_images_of_an_idx_file_are_read(tmp_path):
    images = np.stack([stroke(), stroke().T])
    content = b"\0\0\x08\x03" + np.array(images.shape, ">u4").tobytes() + images.tobytes()
    path = tmp_path / "images"
    for packed in (content, gzip.compress(content)):
        path.write_bytes(packed)
        np.testing.assert_array_equal(read(path), images)
    with pytest.raises(DatasetError, match=r"holds images of 28x28, but the model reads 14x14"):
        image.read_images(path, 14, 14)


def test_what_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "digit.png"
    assert refusal(path).endswith("does not exist")
    path.write_text("hello")
    assert refusal(path).endswith("is neither a PNG, a JPEG nor an IDX file of images")
    buffer = io.BytesIO()
    Image.fromarray(enlarged(stroke())).save(buffer, "png")
    path.write_bytes(buffer.getvalue()[:-200])
    assert "is damaged" in refusal(path)
    path.write_bytes(b"\xff\xd8\xff" + bytes(100))
    assert "is damaged" in refusal(path)
    assert "shows no digit" in refusal(png(tmp_path, Image.new("L", (50, 50), 90)))
    assert "shows no digit" in refusal(png(tmp_path, Image.new("L", (28, 28), 255)))


def test_pictures_that_unpack_to_too_much_are_refused(tmp_path, monkeypatch):
    assert "more than" in refusal(png(tmp_path, Image.new("1", (14_000, 14_000))))
    monkeypatch.setattr(image, "MAXIMUM_PIXELS", 100)
    assert refusal(png(tmp_path, Image.new("L", (11, 10)))).endswith("has 110 pixels; at most 100 are read")
