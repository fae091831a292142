"""The hyperparameters that keep a network from learning the training digits by heart."""

from __future__ import annotations

from pydantic import Field

from engine.hyperparameters.group import LIVE, Group, search

MAXIMUM_ELASTIC_SIGMA = 14.0


class ElasticNet(Group):
    """A penalty of l1·|w| + l2·w² on each parameter, added to the loss (Zou and Hastie, 2005)."""

    l1: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="L1",
        description="Pulls parameters towards zero by a constant force; makes them sparse.",
        json_schema_extra=LIVE | search("1e-8..1e-4:log"),
    )
    l2: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="L2",
        description="Pulls parameters towards zero in proportion to their size; keeps them small.",
        json_schema_extra=LIVE | search("1e-7..1e-2:log"),
    )


class Dropout(Group):
    """The probability of leaving a neuron out of a training step (Srivastava et al., 2014)."""

    input: float = Field(
        0.0,
        strict=True,
        ge=0,
        lt=1,
        title="Input",
        description="The probability that a pixel is left out of a training step.",
        json_schema_extra=LIVE | search("0..0.3"),
    )
    hidden: float = Field(
        0.1,
        strict=True,
        ge=0,
        lt=1,
        title="Hidden",
        description="The probability that a hidden neuron is left out of a training step.",
        json_schema_extra=LIVE | search("0..0.6"),
    )


class Regularization(Group):
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
        json_schema_extra=LIVE | search("1..8"),
    )
    label_smoothing: float = Field(
        0.0,
        strict=True,
        ge=0,
        lt=1,
        title="Label smoothing",
        description="The share of each target that is spread evenly over all classes.",
        json_schema_extra=LIVE | search("0..0.2"),
    )


class Augmentation(Group):
    """Random distortions of each training digit, drawn anew each step (Simard et al., 2003). 0 is off."""

    rotation: float = Field(
        0.0,
        strict=True,
        ge=0,
        le=180,
        title="Rotation",
        description="The most that a digit is turned, in degrees, either way.",
        json_schema_extra=LIVE | search("0..20"),
    )
    scale: float = Field(
        0.0,
        strict=True,
        ge=0,
        lt=1,
        title="Scale",
        description="The most that a digit is stretched or shrunk, as a fraction.",
        json_schema_extra=LIVE | search("0..0.2"),
    )
    shear: float = Field(
        0.0,
        strict=True,
        ge=0,
        le=2,
        title="Shear",
        description="The most that a digit is slanted, as a fraction of its height.",
        json_schema_extra=LIVE | search("0..0.2"),
    )
    shift: float = Field(
        0.0,
        strict=True,
        ge=0,
        le=14,
        title="Shift",
        description="The most that a digit is moved, in pixels, each way.",
        json_schema_extra=LIVE | search("0..3"),
    )
    elastic_alpha: float = Field(
        0.0,
        strict=True,
        ge=0,
        title="Elastic alpha",
        description="The strength of elastic distortion, in pixels before smoothing.",
        json_schema_extra=LIVE | search("0..40"),
    )
    elastic_sigma: float = Field(
        0.0,
        strict=True,
        ge=0,
        le=MAXIMUM_ELASTIC_SIGMA,
        title="Elastic sigma",
        description="The smoothness of elastic distortion, in pixels.",
        json_schema_extra=LIVE | search("4..7"),
    )
    fade: float = Field(
        0.0,
        strict=True,
        ge=0,
        le=1,
        title="Fade",
        description="The last part of the epochs, as a fraction, in which the distortions fade away, so that the end is like the test.",
        json_schema_extra=LIVE | search("0..0.5"),
    )

    @property
    def is_on(self) -> bool:
        return any((self.rotation, self.scale, self.shear, self.shift, self.elastic_alpha))
