"""Every hyperparameter: its name, default, bounds and help.

The form, the command line, the TOML file, the search space and the documentation are read from here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAXIMUM_LAYER_SIZE = 8192
MAXIMUM_HIDDEN_LAYERS = 8
MAXIMUM_ELASTIC_SIGMA = 14.0
MAXIMUM_EPOCHS = 100_000


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


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


LayerSize = Annotated[int, Field(ge=1, le=MAXIMUM_LAYER_SIZE, strict=True)]
LIVE: dict[str, Any] = {"live": True}


class Network(_Group):
    """The network's composition."""

    hidden: tuple[LayerSize, ...] = Field(
        (256, 128),
        max_length=MAXIMUM_HIDDEN_LAYERS,
        title="Hidden layers",
        description="The number of neurons of each hidden layer, from input to output. An empty list leaves a linear classifier.",
    )
    activation: Activation | tuple[Activation, ...] = Field(
        Activation.LEAKY_RELU,
        title="Activation",
        description="The function that a hidden neuron applies to its weighted sum. One for all layers, or one a hidden layer.",
    )
    loss: Loss = Field(
        Loss.CROSS_ENTROPY,
        title="Loss",
        description="What training minimises: cross_entropy with a softmax output, or squared_error with a linear output.",
    )
    layer_norm: bool = Field(
        False,
        strict=True,
        title="Layer normalisation",
        description="Scales the weighted sums of each hidden layer to zero mean and unit variance, then by a learned gain and bias.",
    )
    initializer: Initializer = Field(
        Initializer.HE_NORMAL,
        title="Initializer",
        description="How the weights are drawn before training. he_normal suits relu and its kin, xavier_uniform sigmoid and tanh.",
    )

    @model_validator(mode="after")
    def _one_activation_or_one_each(self) -> Network:
        if isinstance(self.activation, tuple) and len(self.activation) != len(self.hidden):
            raise ValueError(
                f"activation lists {len(self.activation)} functions for {len(self.hidden)} hidden layers; give one, or one a layer"
            )
        return self

    @property
    def activations(self) -> tuple[Activation, ...]:
        """One activation a hidden layer."""
        if isinstance(self.activation, tuple):
            return self.activation
        return (self.activation,) * len(self.hidden)


class ElasticNet(_Group):
    """A penalty of l1·|w| + l2·w² on each parameter, added to the loss (Zou and Hastie, 2005)."""

    l1: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="L1",
        description="Pulls parameters towards zero by a constant force; makes them sparse.",
        json_schema_extra=LIVE,
    )
    l2: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="L2",
        description="Pulls parameters towards zero in proportion to their size; keeps them small.",
        json_schema_extra=LIVE,
    )


class Dropout(_Group):
    """The probability of leaving a neuron out of a training step (Srivastava et al., 2014)."""

    input: float = Field(
        0.0,
        strict=True,
        ge=0,
        lt=1,
        title="Input",
        description="The probability that a pixel is left out of a training step.",
        json_schema_extra=LIVE,
    )
    hidden: float = Field(
        0.1,
        strict=True,
        ge=0,
        lt=1,
        title="Hidden",
        description="The probability that a hidden neuron is left out of a training step.",
        json_schema_extra=LIVE,
    )


class Regularization(_Group):
    """What keeps the network from learning the training digits by heart."""

    weights: ElasticNet = ElasticNet()
    biases: ElasticNet = ElasticNet()
    dropout: Dropout = Dropout()
    max_norm: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="Max norm",
        description="The most that a neuron's incoming weight vector may measure; 0 is off.",
        json_schema_extra=LIVE,
    )
    label_smoothing: float = Field(
        0.0,
        strict=True,
        ge=0,
        lt=1,
        title="Label smoothing",
        description="The share of each target that is spread evenly over all classes.",
        json_schema_extra=LIVE,
    )


class Optimizer(_Group):
    """How gradients become steps."""

    name: OptimizerName = Field(
        OptimizerName.ADAM,
        title="Optimizer",
        description="adam scales each parameter's step by its gradients' history; adamw decouples weight decay from it; sgd does neither.",
    )
    beta_1: float = Field(
        0.9, strict=True, ge=0, lt=1, title="Beta 1", description="Adam: how slowly the mean of the gradients (first moment) changes."
    )
    beta_2: float = Field(
        0.999, strict=True, ge=0, lt=1, title="Beta 2", description="Adam: how slowly the mean of their squares (second moment) changes."
    )
    epsilon: float = Field(
        1e-8, strict=True, ge=1e-30, title="Epsilon", description="Adam: keeps the division by the second moment's root finite."
    )
    weight_decay: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="Weight decay",
        description="adamw: the share of each parameter removed a step, times the rate; adam and sgd add it to the gradient.",
    )
    momentum: float = Field(
        0.0, strict=True, ge=0, lt=1, title="Momentum", description="sgd: the share of the last step that is kept in the next."
    )
    nesterov: bool = Field(
        False, strict=True, title="Nesterov", description="sgd: looks ahead along the momentum before it steps. Needs momentum."
    )


class Decay(_Group):
    """How the learning rate falls."""

    method: DecayMethod = Field(
        DecayMethod.COSINE,
        title="Method",
        description="step, exponential and inverse act between epochs; cosine and linear act every step and end at zero.",
    )
    rate: float = Field(
        0.9, strict=True, gt=0, le=1e3, title="Rate", description="step, exponential, inverse: how much it falls each time."
    )
    interval: int = Field(
        1, ge=1, le=MAXIMUM_EPOCHS, title="Interval", description="step, exponential, inverse: epochs between two falls.", strict=True
    )


class Restart(_Group):
    """Sets the learning rate anew every so many epochs."""

    interval: int = Field(0, ge=0, le=MAXIMUM_EPOCHS, title="Interval", description="Epochs between two restarts; 0 is off.", strict=True)
    value: float = Field(0.0, strict=True, ge=0, title="Value", description="The learning rate after a restart.")


class LearningRate(_Group):
    """How long a step is."""

    initial: float = Field(
        2e-3, strict=True, gt=0, title="Initial", description="The learning rate that training starts with.", json_schema_extra=LIVE
    )
    decay: Decay = Decay()
    restart: Restart = Restart()
    warmup: float = Field(
        0.0, strict=True, ge=0, title="Warm-up", description="Epochs, or a fraction of one, over which the rate rises from zero."
    )

    @model_validator(mode="after")
    def _restart_has_a_value(self) -> LearningRate:
        if self.restart.interval and not self.restart.value:
            raise ValueError("restart.value must be above 0 when restart.interval is set")
        return self


class Training(_Group):
    """How long, on what, and how much at a time."""

    batch_size: int = Field(
        64,
        ge=1,
        le=8192,
        title="Batch size",
        description="The digits looked at in one step. The last batch of an epoch may be smaller.",
        strict=True,
    )
    epochs: int = Field(
        20,
        ge=1,
        le=MAXIMUM_EPOCHS,
        title="Epochs",
        description="The most passes over the training part; early stopping may end sooner.",
        strict=True,
    )
    validation_split: float = Field(
        0.1,
        strict=True,
        ge=0,
        lt=1,
        title="Validation split",
        description="The share of the training digits, taken from the end, that is only used to validate.",
    )
    shuffle: bool = Field(True, strict=True, title="Shuffle", description="Draws a new order of the training digits each epoch.")
    seed: int = Field(
        0,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="Fixes every random draw: the same seed gives the same run on the same device.",
        strict=True,
    )
    averaging: float = Field(
        0.0,
        strict=True,
        ge=0,
        lt=1,
        title="Averaging",
        description="Decay of the moving average of the parameters that is evaluated and saved; 0 is off.",
    )


class EarlyStopping(_Group):
    """When to stop before the last epoch."""

    mode: EarlyStoppingMode = Field(
        EarlyStoppingMode.PATIENCE,
        title="Mode",
        description="patience: validation accuracy has not risen for some epochs. stability: its mean rise over some epochs is small.",
    )
    patience: int = Field(
        8, ge=1, le=MAXIMUM_EPOCHS, title="Patience", description="The number of epochs that the rule looks at.", strict=True
    )
    threshold: float = Field(1e-4, strict=True, title="Threshold", description="The rise in validation accuracy (a fraction) that counts.")


class Augmentation(_Group):
    """Random distortions of each training digit, drawn anew each step (Simard et al., 2003). 0 is off."""

    rotation: float = Field(
        0.0, strict=True, ge=0, le=180, title="Rotation", description="The most that a digit is turned, in degrees, either way."
    )
    scale: float = Field(
        0.0, strict=True, ge=0, lt=1, title="Scale", description="The most that a digit is stretched or shrunk, as a fraction."
    )
    shear: float = Field(
        0.0, strict=True, ge=0, le=2, title="Shear", description="The most that a digit is slanted, as a fraction of its height."
    )
    shift: float = Field(0.0, strict=True, ge=0, le=14, title="Shift", description="The most that a digit is moved, in pixels, each way.")
    elastic_alpha: float = Field(
        0.0, strict=True, ge=0, title="Elastic alpha", description="The strength of elastic distortion, in pixels before smoothing."
    )
    elastic_sigma: float = Field(
        0.0,
        strict=True,
        ge=0,
        le=MAXIMUM_ELASTIC_SIGMA,
        title="Elastic sigma",
        description="The smoothness of elastic distortion, in pixels.",
    )

    @property
    def is_on(self) -> bool:
        return any((self.rotation, self.scale, self.shear, self.shift, self.elastic_alpha))


class Hyperparameters(_Group):
    """Everything that decides how a network is built and trained."""

    network: Network = Network()
    regularization: Regularization = Regularization()
    optimizer: Optimizer = Optimizer()
    learning_rate: LearningRate = LearningRate()
    training: Training = Training()
    early_stopping: EarlyStopping = EarlyStopping()
    augmentation: Augmentation = Augmentation()

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Hyperparameters:
        if self.optimizer.nesterov and not self.optimizer.momentum:
            raise ValueError("optimizer.nesterov needs optimizer.momentum above 0")
        return self

    @model_validator(mode="after")
    def _early_stopping_needs_a_validation_part(self) -> Hyperparameters:
        if self.early_stopping.mode is EarlyStoppingMode.STABILITY and not self.training.validation_split:
            raise ValueError("early_stopping.mode stability needs training.validation_split above 0")
        return self
