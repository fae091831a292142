"""What a safetensors file says of itself, changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.storage.tensor_file import LENGTH_BYTES, METADATA_KEY


def header_of(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """The header, and the data behind it."""
    end = LENGTH_BYTES + int.from_bytes(raw[:LENGTH_BYTES], "little")
    return json.loads(raw[LENGTH_BYTES:end]), raw[end:]


def with_header(header: Any, data: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(LENGTH_BYTES, "little") + text + data


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Changes a file's header and leaves its data."""
    header, data = header_of(path.read_bytes())
    change(header)
    path.write_bytes(with_header(header, data))


def crafted(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Changes the content that a file's header describes, and makes its hash right again."""

    def change_content(header: dict[str, Any]) -> None:
        document = json.loads(header["__metadata__"][METADATA_KEY])
        change(document["content"])
        document["content_sha256"] = hashlib.sha256(json.dumps(document["content"]).encode()).hexdigest()
        header["__metadata__"][METADATA_KEY] = json.dumps(document)

    rewrite(path, change_content)
