"""What must not be there: code run out of data, archives that write elsewhere, dependencies without a licence."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.faults.scale import FULL
from tui.cli import main

PROJECT = Path(__file__).parents[2]
PACKAGES = ("tui", "engine", "dataset", "shaders")
MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle", "yaml"}
"""That run what they read."""
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "np.load", "numpy.load", "np.fromfile", "torch.load"}
METHODS = {"extractall", "extract", "unpack_archive"}
"""That write wherever an archive says."""
LICENCES = re.compile(r"MIT|BSD|Apache|ISC|Python Software Foundation|PSF|MPL|Mozilla|HPND|Unlicense|Zlib|CC0", re.IGNORECASE)


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def offences(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (f"import {name.name}" for name in names if name.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in MODULES:
                yield f"from {module} import"
            case ast.Call():
                name = called(node)
                if name in CALLS or name.rpartition(".")[2] in METHODS or (name == "getattr" and len(node.args) == 1):
                    yield f"{name}()"
                for keyword in node.keywords:
                    is_false = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                    if keyword.arg in ("allow_pickle", "shell") and not is_false:
                        yield f"{name}({keyword.arg}=…)"


OFFENCES = [
    "import pickle", "from pickle import loads", "eval('1')", "np.load('a')", "f(allow_pickle=True)", "run('a', shell=True)",
    "a.extractall()",
]  # fmt: skip


@pytest.mark.parametrize("text", OFFENCES)
def test_the_check_finds_what_it_looks_for(text: str) -> None:
    assert list(offences(ast.parse(text)))


def test_nothing_that_is_read_is_ever_run() -> None:
    found = [f"{path.relative_to(PROJECT)}: {what}" for path in sources() for what in offences(ast.parse(path.read_text(encoding="utf-8")))]
    assert found == []


def test_sql_is_never_made_of_what_is_read() -> None:
    """Table and column names come from the program; every value is a parameter."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node).endswith((".execute", ".executemany", ".executescript")) and node.args:
                parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else []
                names = {ast.unparse(part.value) for part in parts if isinstance(part, ast.FormattedValue)}
                assert names <= {"table", "column", "kind"}, f"{path}: {names}"


def requirements(distribution: str) -> set[str]:
    """The distributions that this one needs here, whatever extras are asked for, and those that they need."""
    found: set[str] = set()
    waiting = [distribution]
    while waiting:
        name = waiting.pop()
        try:
            needed = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # for another system, or another extra
            continue
        for line in needed:
            other = re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0].lower().replace("_", "-")
            if other not in found and ("extra ==" not in line or name == distribution):
                found.add(other)
                waiting.append(other)
    return found


def licence(distribution: str) -> str:
    metadata = importlib.metadata.metadata(distribution)
    classifiers = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    stated = metadata.get("License-Expression") or ", ".join(classifiers) or metadata.get("License") or ""
    return " ".join((stated or _licence_file(distribution)).split())[:200]


def _licence_file(distribution: str) -> str:
    files = importlib.metadata.files(distribution) or []
    return next((file.read_text() for file in files if "LICEN" in file.name.upper()), "")


def test_every_dependency_has_a_licence_that_permits_its_use() -> None:
    installed = {name for name in requirements("digits-tui") if _is_installed(name)}
    assert len(installed) > 30
    refused = {name: licence(name) for name in installed if "GPL" in licence(name) or not LICENCES.search(licence(name))}
    assert refused == {}


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


SECRET_ADDRESSES = [
    "http://user:s3cret@127.0.0.1:9/data", "http://user:s3cret/@127.0.0.1:9/data", "http://127.0.0.1:9/data.zip?token=s3cret",
    "http://127.0.0.1:9/data.zip#s3cret", "http://127.0.0.1:9/?a@s3cret", "ftp://user:s3cret@127.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("address", SECRET_ADDRESSES)
@pytest.mark.parametrize("dataset", ["kmnist", "emnist-digits"])
def test_a_secret_in_an_address_is_never_shown_or_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, dataset: str) -> None:
    monkeypatch.setenv("DIGITS_TUI_DATASETS_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    by_variable = CliRunner(env={"DIGITS_TUI_MIRROR": address}).invoke(main, ["dataset", "get", dataset])
    by_option = CliRunner().invoke(main, ["dataset", "get", dataset, "--from", address])
    for result in (by_variable, by_option):
        assert result.exit_code == 2
        assert f"{dataset} cannot be fetched" in result.output
        assert "s3cret" not in result.output
    assert not [path for path in tmp_path.rglob("*") if "s3cret" in path.name or (path.is_file() and b"s3cret" in path.read_bytes())]


@pytest.mark.skipif(not FULL, reason="it asks a server")
def test_no_dependency_has_a_known_weakness() -> None:
    pytest.importorskip("pip_audit")
    names = sorted(name for name in requirements("digits-tui") if _is_installed(name))
    pinned = "".join(f"{name}=={importlib.metadata.version(name)}\n" for name in names)
    audit = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format", "json", "--requirement", "/dev/stdin"]
    done = subprocess.run(audit, input=pinned, capture_output=True, text=True, timeout=300, check=False)
    found = json.loads(done.stdout)["dependencies"] if done.stdout else []
    audited = [item for item in found if "skip_reason" not in item]
    if not audited:
        pytest.skip("nothing could be audited: its source cannot be reached")
    assert {item["name"]: [weakness["id"] for weakness in item["vulns"]] for item in audited if item["vulns"]} == {}
