"""The benchmark's works in plain NumPy, as one would write them: the floor that every trainer should beat. Prints a JSON line a work."""

import json
import statistics
import sys
import time
from itertools import pairwise

import numpy as np

WORKS = {"S": ([16, 16], 4, (0.0, 0.0)), "M": ([512, 512], 128, (0.2, 0.5)), "L": ([2500, 2000, 1500, 1000, 500], 256, (0.0, 0.0))}
REPEATS = 5
SECONDS_A_REPEAT = 0.5


class Trainer:
    def __init__(self, work, images, labels):
        hidden, self.batch, self.dropout = WORKS[work]
        self.generator = np.random.default_rng(0)
        sizes = [784, *hidden, 10]
        self.parameters = []
        for inputs, outputs in pairwise(sizes):
            weight = self.generator.standard_normal((inputs, outputs), np.float32) * np.float32(np.sqrt(2 / inputs))
            self.parameters += [weight, np.zeros(outputs, np.float32)]
        self.first, self.second = ([np.zeros_like(value) for value in self.parameters] for _ in range(2))
        self.images, self.labels, self.time = images, labels, 0

    def step(self):
        self.time += 1
        chosen = self.generator.integers(0, len(self.images), self.batch)
        values, kept, layers = [self.images[chosen].astype(np.float32) / 255], [], len(self.parameters) // 2
        for index in range(layers):
            probability = self.dropout[0] if index == 0 else self.dropout[1]
            mask = (self.generator.random(values[-1].shape, np.float32) >= probability) / np.float32(1 - probability) if probability else 1
            kept.append(mask)
            values[-1] = values[-1] * mask
            sums = values[-1] @ self.parameters[2 * index] + self.parameters[2 * index + 1]
            values.append(sums if index == layers - 1 else np.maximum(sums, 0))
        powers = np.exp(values[-1] - values[-1].max(1, keepdims=True))
        delta = powers / powers.sum(1, keepdims=True)
        delta[np.arange(self.batch), self.labels[chosen]] -= 1
        delta /= self.batch
        gradients = [None] * len(self.parameters)
        for index in reversed(range(layers)):
            gradients[2 * index], gradients[2 * index + 1] = values[index].T @ delta, delta.sum(0)
            if index:
                delta = (delta @ self.parameters[2 * index].T) * kept[index] * (values[index] > 0)
        for value, gradient, first, second in zip(self.parameters, gradients, self.first, self.second, strict=True):
            first += np.float32(0.1) * (gradient - first)
            second += np.float32(0.001) * (gradient * gradient - second)
            rate = 1e-3 / (1 - 0.9**self.time)
            value -= np.float32(rate) * first / (np.sqrt(second / np.float32(1 - 0.999**self.time)) + np.float32(1e-8))


def measure(work, images, labels):
    trainer = Trainer(work, images, labels)

    def timed(count):
        begin = time.perf_counter()
        for _ in range(count):
            trainer.step()
        return time.perf_counter() - begin

    timed(2)
    count = 1
    while (seconds := timed(count)) < SECONDS_A_REPEAT / 4:
        count *= 4
    count = max(1, round(count * SECONDS_A_REPEAT / seconds))
    return statistics.median(timed(count) / count for _ in range(REPEATS)) * 1e6


def main():
    data = np.load(sys.argv[1])
    for work in sys.argv[2:] or WORKS:
        print(json.dumps({"work": work, "peer": "NumPy", "microseconds": measure(work, data["images"], data["labels"])}), flush=True)


if __name__ == "__main__":
    main()
