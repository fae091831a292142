"""A model as ONNX: images in, uint8 [n, height, width]; probabilities out, float32 [n, classes].

The graph does what ``engine.inference`` does; of an ensemble it holds all members, and their mean is what comes out. Metadata holds the
classes' names and where the model comes from.
"""

from __future__ import annotations

import json

import numpy as np

from engine.activations import GELU_CUBIC, GELU_SCALE, LEAKY_SLOPE
from engine.data.preprocessing import View
from engine.events import dumps
from engine.export import ExportError, Source, library, onnx_deskew
from engine.export.onnx_graph import Graph
from engine.hyperparameters import configuration
from engine.hyperparameters.choices import Activation, Loss
from engine.inference import LAYER_NORM_EPSILON
from engine.network import Layer, to_tensors

OPSET = 17
IR_VERSION = 8
"""The oldest that goes with the opset, which older runtimes read too."""
INPUT, OUTPUT = "images", "probabilities"
MAXIMUM_PARAMETERS = (2**31 - 2**20) // 4
"""A protobuf message ends at 2 GiB."""


def to_onnx(source: Source) -> bytes:
    """The file's content. Raises ExportError without the package onnx, and for a model too large for one file."""
    onnx = library("onnx", "ONNX export")
    network, facts = source.model.network, source.model.dataset
    networks = source.model.networks
    count = len(networks) * network.parameter_count
    if count > MAXIMUM_PARAMETERS:
        what = f"{count:,} parameters are more than an ONNX file holds, {MAXIMUM_PARAMETERS:,}"
        raise ExportError(what, "Export the parameters as CSV.")
    graph = Graph(onnx)
    views = source.model.views
    seen = {view: _seen(graph, view) for view in dict.fromkeys(views)}
    prefixes = [f"members.{number}." for number in range(len(networks))] if source.model.members else [""]
    shares = []
    for prefix, member, view in zip(prefixes, networks, views, strict=True):
        for name, tensor in to_tensors(network, member.parameters).items():
            graph.initializers.append(onnx.numpy_helper.from_array(tensor, prefix + name))
        values = seen[view]
        for layer in network.layers:
            values = _layer(graph, layer, values, prefix)
        shares.append(_probabilities(graph, network.loss, values, "" if source.model.members else OUTPUT))
    if source.model.members:
        graph.node("Mean", *shares, output=OUTPUT)
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes,
            "digits",
            [onnx.helper.make_tensor_value_info(INPUT, onnx.TensorProto.UINT8, ["n", facts.height, facts.width])],
            [onnx.helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.FLOAT, ["n", network.classes])],
            graph.initializers,
        ),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="digits-tui",
    )
    onnx.helper.set_model_props(model, _metadata(source))
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def _metadata(source: Source) -> dict[str, str]:
    model = source.model
    return {
        "name": source.name,
        "classes": json.dumps(model.dataset.classes, ensure_ascii=False),
        "dataset": model.dataset.name,
        "dataset_fingerprint": model.dataset.fingerprint,
        "epoch": str(model.epoch),
        "hyperparameters": dumps(configuration.plain(model.hyperparameters)),
    }


def _seen(graph: Graph, view: View) -> str:
    """Pixels as a network sees them: float32 [n, inputs], 0 to 1."""
    pixels = onnx_deskew.deskewed(graph, INPUT, view.height, view.width) if view.deskew else INPUT
    rows = graph.node("Reshape", pixels, graph.constant(np.array([-1, view.height * view.width], np.int64)))
    return graph.node("Div", graph.cast(rows, np.float32), graph.number(255))


def _layer(graph: Graph, layer: Layer, values: str, network: str) -> str:
    prefix = f"{network}layers.{layer.index}."
    sums = graph.node("Gemm", values, f"{prefix}weight", f"{prefix}bias", transB=1)
    if layer.activation is None:
        return sums
    if layer.layer_norm:
        sums = graph.node("LayerNormalization", sums, f"{prefix}gain", f"{prefix}shift", axis=-1, epsilon=LAYER_NORM_EPSILON)
    return _activation(graph, layer.activation, sums)


def _activation(graph: Graph, activation: Activation, z: str) -> str:
    match activation:
        case Activation.RELU:
            return graph.node("Relu", z)
        case Activation.LEAKY_RELU:
            return graph.node("LeakyRelu", z, alpha=LEAKY_SLOPE)
        case Activation.ELU:
            return graph.node("Elu", z, alpha=1.0)
        case Activation.SIGMOID:
            return graph.node("Sigmoid", z)
        case Activation.SWISH:
            return graph.node("Mul", z, graph.node("Sigmoid", z))
        case Activation.TANH:
            return graph.node("Tanh", z)
        case Activation.GELU:  # an operation of its own only from opset 20 on
            cubic = graph.node("Mul", graph.node("Mul", z, z), graph.number(GELU_CUBIC))
            inner = graph.node("Mul", graph.node("Mul", graph.node("Add", cubic, graph.number(1)), z), graph.number(GELU_SCALE))
            gate = graph.node("Add", graph.node("Tanh", inner), graph.number(1))
            return graph.node("Mul", graph.node("Mul", gate, z), graph.number(0.5))


def _probabilities(graph: Graph, loss: Loss, outputs: str, name: str) -> str:
    if loss is Loss.CROSS_ENTROPY:
        return graph.node("Softmax", outputs, output=name, axis=-1)
    axes = graph.constant(np.array([-1], np.int64))
    clipped = graph.node("Clip", outputs, graph.number(0), graph.number(1))
    is_nothing = graph.node("Equal", graph.node("ReduceSum", clipped, axes, keepdims=1), graph.number(0))
    shares = graph.node("Where", is_nothing, graph.number(1), clipped)
    return graph.node("Div", shares, graph.node("ReduceSum", shares, axes, keepdims=1), output=name)
