"""The same through a real sshd on loopback, where there is one."""

import getpass
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.support import PATIENCE

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
FAR_WORKER = Path(__file__).with_name("far_worker.py")
pytestmark = pytest.mark.skipif(not SSHD or not shutil.which("ssh"), reason="there is no sshd here")


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[str]:
    """The command that reaches this machine through an sshd of the test's own."""
    assert SSHD is not None
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / key], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = [f"HostKey={tmp_path}/host", f"AuthorizedKeysFile={tmp_path}/user.pub", f"PidFile={tmp_path}/pid"]
    given += ["ListenAddress=127.0.0.1", "StrictModes=no", "UsePAM=no", "PermitRootLogin=yes"]
    server = subprocess.Popen(
        [SSHD, "-D", "-e", "-f", "/dev/null", f"-p{port}", *(f"-o{option}" for option in given)], stderr=subprocess.PIPE
    )
    options = [
        f"-p{port}",
        f"-i{tmp_path}/user",
        "-oStrictHostKeyChecking=no",
        "-oUserKnownHostsFile=/dev/null",
        "-oBatchMode=yes",
        "-F/dev/null",
    ]
    command = shlex.join(["ssh", *options, f"{getpass.getuser()}@127.0.0.1"])
    deadline = time.monotonic() + PATIENCE
    try:
        while (done := subprocess.run([*shlex.split(command), "true"], capture_output=True, text=True)).returncode:
            if server.poll() is not None and server.stderr is not None:
                pytest.skip(f"this sshd does not start: {server.stderr.read().decode()}")
            if time.monotonic() > deadline:
                pytest.skip(f"this sshd lets nobody in: {done.stderr}")
            time.sleep(0.1)
        yield command
    finally:
        server.kill()
        server.communicate()


def test_a_run_is_trained_there_over_two_connections_and_is_here_at_its_end(ssh: str, tmp_path: Path, digits_directory: Path) -> None:
    far, near = tmp_path / "far", tmp_path / "near"
    there = f"cd {shlex.quote(str(FAR_WORKER.parents[2]))} && {sys.executable} -m tests.faults.far_worker {shlex.quote(str(far))}"
    given = ["--worker", f"{ssh} {shlex.quote(there)}", "--runs-dir", str(near), "--device", "cpu", "--dataset", str(digits_directory)]
    values = ["--preset", "quick", "--set", "network.hidden=[600]", "--set", "training.epochs=12", "--set", "early_stopping.mode='off'"]
    train = [sys.executable, "-P", "-m", "tui.cli", "train", *values, "--name", "mine", "--json", *given]
    with subprocess.Popen(train, stdout=subprocess.PIPE, text=True) as trainer:
        assert trainer.stdout is not None
        told = []
        for line in trainer.stdout:
            told.append(json.loads(line))
            if told[-1]["event"] == "epoch" and told[-1]["epoch"] == 1:
                [connection] = subprocess.run(["pgrep", "-P", str(trainer.pid)], capture_output=True, text=True).stdout.split()
                os.kill(int(connection), signal.SIGKILL)
    assert trainer.returncode == 0 and told[-1]["event"] == "finished"
    assert [event["epoch"] for event in told if event["event"] == "epoch"] == list(range(1, 13))
    assert [event["first_epoch"] for event in told if event["event"] == "started"][1:] > [1]
    for file in ("model.safetensors", "checkpoint.safetensors", "summary.json"):
        assert (near / "mine" / file).read_bytes() == (far / "runs" / "mine" / file).read_bytes()


def test_nobody_there_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        worker = f"ssh -oBatchMode=yes -p{taken.getsockname()[1]} 127.0.0.1 digits-tui worker"
        train = [sys.executable, "-P", "-m", "tui.cli", "train", "--worker", worker, "--runs-dir", str(tmp_path)]
        done = subprocess.run(train, capture_output=True, text=True, timeout=PATIENCE * 2)
    assert done.returncode == 1 and "Traceback" not in done.stderr
