"""What must not be there: code run out of data, archives that write elsewhere, dependencies without a licence."""

from __future__ import annotations

import ast
import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    """The distributions that this one needs here, and those that they need."""
    found: set[str] = set()
    waiting = [distribution]
    while waiting:
        try:
            needed = importlib.metadata.requires(waiting.pop()) or []
        except importlib.metadata.PackageNotFoundError:  # for another system, or another extra
            continue
        for line in needed:
            name = re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0].lower().replace("_", "-")
            if name not in found and "extra ==" not in line:
                found.add(name)
                waiting.append(name)
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
    assert len(installed) > 15
    refused = {name: licence(name) for name in installed if not LICENCES.search(licence(name))}
    assert refused == {}


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
