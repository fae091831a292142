"""Every hyperparameter: its name, default, bounds, help, and what a sweep tries.

The form, the command line, the TOML file, the search space and the documentation are read from here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from engine.hyperparameters.choices import Activation, EarlyStoppingMode, Initializer, Loss
from engine.hyperparameters.group import Group, search
from engine.hyperparameters.optimization import MAXIMUM_EPOCHS, LearningRate, Optimizer
from engine.hyperparameters.regularization import Augmentation, Regularization

MAXIMUM_LAYER_SIZE = 8192
MAXIMUM_HIDDEN_LAYERS = 8
MAXIMUM_MEMBERS = 25
MAXIMUM_SEED = 2**32 - 1

LayerSize = Annotated[int, Field(ge=1, le=MAXIMUM_LAYER_SIZE, strict=True)]


class Network(Group):
    """The network's composition."""

    hidden: tuple[LayerSize, ...] = Field(
        (256, 128),
        max_length=MAXIMUM_HIDDEN_LAYERS,
        title="Hidden layers",
        description="The number of neurons of each hidden layer, from input to output. An empty list leaves a linear classifier.",
        json_schema_extra=search("[32]|[128]|[256]|[64,32]|[128,64]|[256,128]|[512,256]"),
    )
    activation: Activation | tuple[Activation, ...] = Field(
        Activation.LEAKY_RELU,
        title="Activation",
        description="The function that a hidden neuron applies to its weighted sum. One for all layers, or one a hidden layer.",
        json_schema_extra=search("relu|leaky_relu|elu|gelu|sigmoid|swish|tanh"),
    )
    loss: Loss = Field(
        Loss.CROSS_ENTROPY,
        title="Loss",
        description="What training minimizes: cross_entropy with a softmax output, or squared_error with a linear output.",
        json_schema_extra=search("cross_entropy|squared_error"),
    )
    layer_norm: bool = Field(
        False,
        strict=True,
        title="Layer normalization",
        description="Scales the weighted sums of each hidden layer to zero mean and unit variance, then by a learned gain and bias.",
        json_schema_extra=search("true|false"),
    )
    initializer: Initializer = Field(
        Initializer.HE_NORMAL,
        title="Initializer",
        description="How the weights are drawn before training. he_normal suits relu and its kin, xavier_uniform sigmoid and tanh.",
        json_schema_extra=search("he_normal|xavier_uniform"),
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


class Training(Group):
    """How long, on what, and how much at a time."""

    batch_size: int = Field(
        64,
        ge=1,
        le=8192,
        title="Batch size",
        description="The digits looked at in one step. The last batch of an epoch may be smaller.",
        strict=True,
        json_schema_extra=search("8..512:log"),
    )
    epochs: int = Field(
        20,
        ge=1,
        le=MAXIMUM_EPOCHS,
        title="Epochs",
        description="The most passes over the training part; early stopping may end sooner.",
        strict=True,
        json_schema_extra=search("5..50"),
    )
    validation_split: float = Field(
        0.1,
        strict=True,
        ge=0,
        lt=1,
        title="Validation split",
        description="The share of the training digits, taken from the end, that is only used to validate.",
    )
    shuffle: bool = Field(
        True,
        strict=True,
        title="Shuffle",
        description="Draws a new order of the training digits each epoch.",
        json_schema_extra=search("true|false"),
    )
    seed: int = Field(
        0,
        ge=0,
        le=MAXIMUM_SEED,
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
        json_schema_extra=search("0|0.99|0.999"),
    )

    def seed_after(self, count: int) -> int:
        """The one so many seeds after this; after the last comes the first."""
        return (self.seed + count) % (MAXIMUM_SEED + 1)


class EarlyStopping(Group):
    """When to stop before the last epoch."""

    mode: EarlyStoppingMode = Field(
        EarlyStoppingMode.PATIENCE,
        title="Mode",
        description="patience: validation accuracy has not risen for some epochs. stability: its mean rise over some epochs is small.",
        json_schema_extra=search("off|patience|stability"),
    )
    patience: int = Field(
        10,
        ge=1,
        le=MAXIMUM_EPOCHS,
        title="Patience",
        description="The number of epochs that the rule looks at.",
        strict=True,
        json_schema_extra=search("3..20"),
    )
    threshold: float = Field(
        1e-4,
        strict=True,
        title="Threshold",
        description="The rise in validation accuracy (a fraction) that counts.",
        json_schema_extra=search("1e-5..1e-2:log"),
    )


class Preprocessing(Group):
    """What is done to each digit before a network sees it, in training and ever after."""

    deskew: bool = Field(
        False,
        strict=True,
        title="Deskew",
        description="Takes each digit's slant away, as its ink's second moments show it.",
        json_schema_extra=search("true|false"),
    )


class Ensemble(Group):
    """Several networks that decide together."""

    members: int = Field(
        1,
        ge=1,
        le=MAXIMUM_MEMBERS,
        title="Members",
        description="The networks trained one after another, each from a seed of its own; the mean of their probabilities decides.",
        strict=True,
    )
    deskewed: int = Field(
        0,
        ge=0,
        le=MAXIMUM_MEMBERS,
        title="Deskewed members",
        description="The members, the last ones, that see digits deskewed where the others do not: who sees otherwise errs otherwise.",
        strict=True,
    )

    @model_validator(mode="after")
    def _no_more_deskewed_than_members(self) -> Ensemble:
        if self.deskewed > self.members:
            raise ValueError(f"deskewed, {self.deskewed}, cannot be more than members, {self.members}")
        return self


class Hyperparameters(Group):
    """Everything that decides how a network is built and trained."""

    network: Network = Network()
    regularization: Regularization = Regularization()
    optimizer: Optimizer = Optimizer()
    learning_rate: LearningRate = LearningRate()
    training: Training = Training()
    early_stopping: EarlyStopping = EarlyStopping()
    preprocessing: Preprocessing = Preprocessing()
    augmentation: Augmentation = Augmentation()
    ensemble: Ensemble = Ensemble()

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

    def deskews(self, member: int) -> bool:
        """Whether a member of the ensemble, counted from 0, or the one network, sees digits without their slant."""
        return self.preprocessing.deskew or member >= self.ensemble.members - self.ensemble.deskewed
