"""The tests' scripted worker with more reports an epoch, each after a pause: REPORTS SECONDS."""

from __future__ import annotations

import sys
import time

from tests.tui import scripted_worker


class BusyWorker(scripted_worker.Worker):
    def _obey(self, epoch: int, step: int, wait: bool) -> str:
        time.sleep(float(sys.argv[2]))
        return super()._obey(epoch, step, wait)


if __name__ == "__main__":
    scripted_worker.STEPS = int(sys.argv[1])
    BusyWorker(scripted_worker.arguments([])).serve()
