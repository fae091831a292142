"""What hyperparameters choose among, by the names that files and the command line use."""

from __future__ import annotations

from enum import StrEnum


class Activation(StrEnum):
    """What a hidden layer applies to its weighted sums."""

    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    ELU = "elu"
    GELU = "gelu"
    SIGMOID = "sigmoid"
    SWISH = "swish"
    TANH = "tanh"


class Loss(StrEnum):
    CROSS_ENTROPY = "cross_entropy"
    SQUARED_ERROR = "squared_error"


class Initializer(StrEnum):
    HE_NORMAL = "he_normal"
    XAVIER_UNIFORM = "xavier_uniform"
    UNIFORM = "uniform"


class OptimizerName(StrEnum):
    ADAM = "adam"
    ADAMW = "adamw"
    SGD = "sgd"


class DecayMethod(StrEnum):
    NONE = "none"
    STEP = "step"
    EXPONENTIAL = "exponential"
    INVERSE = "inverse"
    COSINE = "cosine"
    LINEAR = "linear"


class EarlyStoppingMode(StrEnum):
    OFF = "off"
    PATIENCE = "patience"
    STABILITY = "stability"
