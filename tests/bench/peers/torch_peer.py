"""The benchmark's works in PyTorch: eager, and as a CUDA graph where there is CUDA. Prints a JSON line a measurement.

Needs an environment of its own with torch and numpy; reads the images and labels that `compare.py` lays out for it.
"""

import json
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn

WORKS = {
    "S": ([16, 16], 4, (0.0, 0.0), nn.LeakyReLU),
    "M": ([512, 512], 128, (0.2, 0.5), nn.ReLU),
    "L": ([2500, 2000, 1500, 1000, 500], 256, (0.0, 0.0), nn.ReLU),
}
REPEATS = 5
SECONDS_A_REPEAT = 0.5


def network(hidden, dropout, activation):
    layers, width = ([nn.Dropout(dropout[0])] if dropout[0] else []), 784
    for size in hidden:
        layers += [nn.Linear(width, size), activation()] + ([nn.Dropout(dropout[1])] if dropout[1] else [])
        width = size
    return nn.Sequential(*layers, nn.Linear(width, 10))


class Trainer:
    """One work; ``step`` trains one batch, gathered on the device."""

    def __init__(self, work, device, images, labels, graph):
        hidden, self.batch, dropout, activation = WORKS[work]
        torch.manual_seed(0)
        self.model = network(hidden, dropout, activation).to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-3, capturable=graph)
        self.images, self.labels = images.to(device), labels.to(device)
        self.order = torch.randperm(len(images), device=device)
        self.chosen = self.order[: self.batch].clone()
        self.position, self.graph = 0, None
        if graph:
            self._capture()

    def _train(self):
        values = self.images[self.chosen].float() / 255
        loss = nn.functional.cross_entropy(self.model(values), self.labels[self.chosen])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()

    def _capture(self):
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                self._train()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._train()

    def step(self):
        self.chosen.copy_(self.order[self.position : self.position + self.batch])
        self.position = (self.position + self.batch) % (len(self.order) - self.batch)
        if self.graph:
            self.graph.replay()
        else:
            self._train()


def measure(work, device, images, labels, graph):
    trainer = Trainer(work, device, images, labels, graph)

    def timed(count):
        begin = time.perf_counter()
        for _ in range(count):
            trainer.step()
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - begin

    timed(3)
    count = 4
    while (seconds := timed(count)) < SECONDS_A_REPEAT / 4:
        count *= 4
    count = max(1, round(count * SECONDS_A_REPEAT / seconds))
    return statistics.median(timed(count) / count for _ in range(REPEATS)) * 1e6


def main():
    data = np.load(sys.argv[1])
    images, labels = torch.from_numpy(data["images"]), torch.from_numpy(data["labels"].astype(np.int64))
    ways = [("cpu", False, threads) for threads in (1, 2)]
    if torch.cuda.is_available():
        torch.backends.cuda.matmul.allow_tf32 = False
        ways = [("cuda", False, 1), ("cuda", True, 1)]
    for work in sys.argv[2:] or WORKS:
        for device, graph, threads in ways:
            torch.set_num_threads(threads)
            name = f"PyTorch {torch.__version__} {device}" + (
                ", CUDA graph" if graph else f", {threads} thread(s)" if device == "cpu" else ""
            )
            print(json.dumps({"work": work, "peer": name, "microseconds": measure(work, device, images, labels, graph)}), flush=True)


if __name__ == "__main__":
    main()
