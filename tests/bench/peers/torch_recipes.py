"""Recipes for augmented networks, tried in PyTorch, in bf16 and a CUDA graph, four times as fast as in float32 here; for a graphics
processor of NVIDIA's.

python tests/bench/peers/torch_recipes.py MNIST.npz OUT.npz [--fold N] [--card N] [--seconds S] RECIPE...

A recipe is JSON: what differs from ``RECORD``, with a ``name`` and a ``count`` of networks. Each is trained on 50,000 of the training
digits and asked about the other 10,000, those of the fold, as they are and as the mean over themselves and four copies shifted by
0.7 pixels; the test digits are not touched. Prints the errors of each; OUT keeps the probabilities, [networks, 2, 10,000, 10], so that
ensembles can be put together of them.
"""

import argparse
import json
import math
import time
import zlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

RECORD = {
    "hidden": [2048, 2048, 2048], "activation": "gelu", "layer_norm": True, "dropout": 0.1, "label_smoothing": 0.1, "weight_decay": 0.02,
    "beta_2": 0.999, "rate": 1e-3, "batch": 1024, "epochs": 400, "averaging": 0.999, "rotation": 10.0, "scale": 0.12, "shear": 0.1,
    "shift": 1.5, "alpha": 60.0, "sigma": 6.0, "fade": 0.25,
}  # fmt: skip
ACTIVATIONS = {"gelu": lambda: nn.GELU(approximate="tanh"), "relu": nn.ReLU, "tanh": nn.Tanh, "swish": nn.SiLU}
WARM_UP = 0.025
"""Of all steps."""
FOLD, SIDE = 10_000, 28


class Distortion:
    """As ``engine/backends/cpu/augmentation.py`` describes it; ``share`` is that of its limits which holds."""

    def __init__(self, recipe, device):
        self.recipe, self.device = recipe, device
        self.share = torch.ones((), device=device)
        radius = math.ceil(3 * recipe["sigma"])
        weights = torch.exp(-(torch.arange(-radius, radius + 1).float() ** 2) / (2 * recipe["sigma"] ** 2))
        band = torch.zeros(SIDE, SIDE + 2 * radius)
        for index in range(SIDE):
            band[index, index : index + 2 * radius + 1] = weights / weights.sum()
        self.band = band.to(device)
        places = torch.arange(SIDE, device=device).float() - (SIDE - 1) / 2
        self.rows, self.columns = torch.meshgrid(places, places, indexing="ij")

    def __call__(self, images):
        recipe, count = self.recipe, len(images)
        draws = [draw[:, None, None] for draw in (torch.rand(6, count, device=self.device) * 2 - 1) * self.share]
        angle, shear = draws[0] * math.radians(recipe["rotation"]), draws[3] * recipe["shear"]
        row_scale, column_scale = 1 + draws[1] * recipe["scale"], 1 + draws[2] * recipe["scale"]
        cosine, sine = angle.cos(), angle.sin()
        rows = (cosine - sine * shear) * row_scale * self.rows - sine * column_scale * self.columns + draws[4] * recipe["shift"]
        columns = (sine + cosine * shear) * row_scale * self.rows + cosine * column_scale * self.columns + draws[5] * recipe["shift"]
        noise = torch.rand(count, 2, self.band.shape[1], self.band.shape[1], device=self.device) * 2 - 1
        field = self.band @ noise @ self.band.T * (recipe["alpha"] * self.share)
        places = torch.stack([columns + field[:, 1], rows + field[:, 0]], -1) / ((SIDE - 1) / 2)
        return functional.grid_sample(images[:, None], places, align_corners=True)[:, 0]


def network(recipe):
    layers, width = [], SIDE * SIDE
    for size in recipe["hidden"]:
        linear = nn.Linear(width, size)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
        layers += [linear, *([nn.LayerNorm(size)] if recipe["layer_norm"] else []), ACTIVATIONS[recipe["activation"]]()]
        layers += [nn.Dropout(recipe["dropout"])]
        width = size
    return nn.Sequential(*layers, nn.Linear(width, 10))


class Trainer:
    def __init__(self, recipe, images, labels, seed):
        torch.manual_seed(seed)
        self.recipe, self.images, self.labels, device = recipe, images, labels, images.device
        self.model = network(recipe).to(device)
        self.parameters = list(self.model.parameters())
        self.averages = [parameter.detach().clone() for parameter in self.parameters]
        self.rate, self.decay = torch.tensor(1e-9, device=device), torch.zeros((), device=device)
        settings = {"betas": (0.9, recipe["beta_2"]), "weight_decay": recipe["weight_decay"]}
        self.optimizer = torch.optim.AdamW(self.parameters, self.rate, **settings, capturable=True, fused=True)
        self.distortion = Distortion(recipe, device)
        self.chosen = torch.zeros(recipe["batch"], dtype=torch.long, device=device)

    def _step(self):
        values = self.distortion(self.images[self.chosen]).reshape(-1, SIDE * SIDE)
        with torch.autocast("cuda", torch.bfloat16):
            raw = self.model(values)
        smoothing = self.recipe["label_smoothing"]
        loss = functional.cross_entropy(raw.float(), self.labels[self.chosen], label_smoothing=smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            for average, parameter in zip(self.averages, self.parameters, strict=True):
                average.lerp_(parameter, 1 - self.decay)

    def _captured(self):
        side = torch.cuda.Stream()
        with torch.cuda.stream(side):
            for _ in range(3):
                self._step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step()
        return graph

    def train(self):
        recipe, graph = self.recipe, self._captured()
        batch, count = recipe["batch"], len(self.images) // recipe["batch"]
        total = count * recipe["epochs"]
        for epoch in range(recipe["epochs"]):
            order = torch.randperm(len(self.images), device=self.images.device)
            for index in range(count):
                step = epoch * count + index
                done = step / total
                rising = min(1.0, (step + 1) / (WARM_UP * total))
                self.optimizer.param_groups[0]["lr"].fill_(recipe["rate"] * rising * (1 + math.cos(math.pi * done)) / 2)
                self.distortion.share.fill_(min(1.0, (1 - done) / recipe["fade"]) if recipe["fade"] else 1.0)
                self.decay.fill_(min(recipe["averaging"], (1 + step) / (10 + step)))
                self.chosen.copy_(order[index * batch : (index + 1) * batch])
                graph.replay()
        with torch.no_grad():
            for parameter, average in zip(self.parameters, self.averages, strict=True):
                parameter.copy_(average)
        self.model.eval()

    @torch.no_grad()
    def probabilities(self, images):
        def of(values):
            return torch.softmax(self.model(values.reshape(-1, SIDE * SIDE)), 1)

        def shifted(down, right):
            map_ = torch.tensor([[1, 0, right / 13.5], [0, 1, down / 13.5]], device=images.device).expand(len(images), 2, 3)
            places = functional.affine_grid(map_, (len(images), 1, SIDE, SIDE), align_corners=True)
            return functional.grid_sample(images[:, None], places, align_corners=True)[:, 0]

        plain = of(images)
        moves = ((0.7, 0), (-0.7, 0), (0, 0.7), (0, -0.7))
        return torch.stack([plain, (plain + sum(of(shifted(*move)) for move in moves)) / 5])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--fold", type=int, default=0, help="0 leaves out the last 10,000, 1 those before, and so on")
    parser.add_argument("--card", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=math.inf, help="after which no network is begun")
    parser.add_argument("recipes", nargs="+", type=json.loads)
    arguments = parser.parse_args()
    torch.cuda.set_device(arguments.card)
    data = np.load(arguments.data)
    images = torch.tensor(data["images"]).reshape(-1, SIDE, SIDE).cuda().float() / 255
    labels = torch.tensor(data["labels"]).long().cuda()
    end = len(images) - FOLD * arguments.fold
    left_out = slice(end - FOLD, end)
    kept = torch.cat([torch.arange(0, end - FOLD), torch.arange(end, len(images))]).cuda()
    names, found, begin = [], [], time.monotonic()
    for number in range(max(recipe.get("count", 1) for recipe in arguments.recipes)):
        for recipe in arguments.recipes:
            if number >= recipe.get("count", 1) or time.monotonic() - begin > arguments.seconds:
                continue
            seed = zlib.crc32(f"{json.dumps(recipe)} {arguments.fold} {number}".encode())
            trainer = Trainer({**RECORD, **recipe}, images[kept], labels[kept], seed)
            since = time.monotonic()
            trainer.train()
            probabilities = trainer.probabilities(images[left_out])
            names.append(recipe.get("name", ""))
            found.append(probabilities.cpu().numpy().astype(np.float16))
            errors = [int((each.argmax(1) != labels[left_out]).sum()) for each in probabilities]
            print(f"{names[-1]}: errors {errors}, {time.monotonic() - since:.1f} s", flush=True)
    np.savez_compressed(arguments.out, names=names, probabilities=np.array(found), labels=labels[left_out].cpu().numpy())


if __name__ == "__main__":
    main()
