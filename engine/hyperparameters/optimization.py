"""The hyperparameters that say how a gradient becomes a step, and how long that is."""

from __future__ import annotations

from pydantic import Field, model_validator

from engine.hyperparameters.choices import DecayMethod, OptimizerName
from engine.hyperparameters.group import LIVE, Group, search

MAXIMUM_EPOCHS = 100_000


class Optimizer(Group):
    """How gradients become steps."""

    name: OptimizerName = Field(
        OptimizerName.ADAM,
        title="Optimizer",
        description="adam scales each parameter's step by its gradients' history; adamw decouples weight decay from it; sgd does neither.",
        json_schema_extra=search("adam|adamw|sgd"),
    )
    beta_1: float = Field(
        0.9,
        strict=True,
        ge=0,
        lt=1,
        title="Beta 1",
        description="Adam: how slowly the mean of the gradients (first moment) changes.",
        json_schema_extra=search("0.8..0.99"),
    )
    beta_2: float = Field(
        0.999,
        strict=True,
        ge=0,
        lt=1,
        title="Beta 2",
        description="Adam: how slowly the mean of their squares (second moment) changes.",
        json_schema_extra=search("0.9..0.9999"),
    )
    epsilon: float = Field(
        1e-8,
        strict=True,
        ge=1e-30,
        title="Epsilon",
        description="Adam: keeps the division by the second moment's root finite.",
        json_schema_extra=search("1e-10..1e-4:log"),
    )
    weight_decay: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="Weight decay",
        description="adamw: the share of each parameter removed a step, times the rate; adam and sgd add it to the gradient.",
        json_schema_extra=search("1e-6..1e-1:log"),
    )
    momentum: float = Field(
        0.0,
        strict=True,
        ge=0,
        lt=1,
        title="Momentum",
        description="sgd: the share of the last step that is kept in the next.",
        json_schema_extra=search("0.5..0.99"),
    )
    nesterov: bool = Field(
        False,
        strict=True,
        title="Nesterov",
        description="sgd: looks ahead along the momentum before it steps. Needs momentum.",
        json_schema_extra=search("true|false"),
    )


class Decay(Group):
    """How the learning rate falls."""

    method: DecayMethod = Field(
        DecayMethod.COSINE,
        title="Method",
        description="step, exponential and inverse act between epochs; cosine and linear act every step and end at zero.",
        json_schema_extra=search("none|step|exponential|inverse|cosine|linear"),
    )
    rate: float = Field(
        0.9,
        strict=True,
        gt=0,
        le=1e3,
        title="Rate",
        description="step multiplies by it, exponential by its power of the epochs; inverse divides by 1 + it times the epochs.",
        json_schema_extra=search("0.5..0.99"),
    )
    interval: int = Field(
        1,
        ge=1,
        le=MAXIMUM_EPOCHS,
        title="Interval",
        description="step, exponential, inverse: epochs between two falls.",
        strict=True,
        json_schema_extra=search("1..5"),
    )


class Restart(Group):
    """Sets the learning rate anew every so many epochs."""

    interval: int = Field(
        0,
        ge=0,
        le=MAXIMUM_EPOCHS,
        title="Interval",
        description="Epochs between two restarts; 0 is off.",
        strict=True,
        json_schema_extra=search("5..20"),
    )
    value: float = Field(
        0.0, strict=True, ge=0, title="Value", description="The learning rate after a restart.", json_schema_extra=search("1e-5..1e-2:log")
    )


class LearningRate(Group):
    """How long a step is."""

    initial: float = Field(
        2e-3,
        strict=True,
        gt=0,
        title="Initial",
        description="The learning rate that training starts with.",
        json_schema_extra=LIVE | search("1e-4..1e-1:log"),
    )
    decay: Decay = Decay()
    restart: Restart = Restart()
    warmup: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="Warm-up",
        description="Epochs, or a fraction of one, over which the rate rises from zero.",
        json_schema_extra=search("0..5"),
    )

    @model_validator(mode="after")
    def _restart_has_a_value(self) -> LearningRate:
        if self.restart.interval and not self.restart.value:
            raise ValueError("restart.value must be above 0 when restart.interval is set")
        return self
