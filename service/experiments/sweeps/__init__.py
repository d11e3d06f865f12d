"""Sweeps: experiments whose arms are combinations of values, and what they show about each parameter."""

from service.experiments.sweeps.axes import Axis, axis_of, is_logarithmic
from service.experiments.sweeps.effects import BestSoFar, Effect, EffectPoint, Exploration, Method, explore
from service.experiments.sweeps.groups import Group, is_number
from service.experiments.sweeps.names import labels_of, text_of
from service.experiments.sweeps.parameters import Choices, Parameter, Range
from service.experiments.sweeps.reading import read_sweep
from service.experiments.sweeps.sweep import Sweep, SweptArm

__all__ = [
    "Axis",
    "BestSoFar",
    "Choices",
    "Effect",
    "EffectPoint",
    "Exploration",
    "Group",
    "Method",
    "Parameter",
    "Range",
    "Sweep",
    "SweptArm",
    "axis_of",
    "explore",
    "is_logarithmic",
    "is_number",
    "labels_of",
    "read_sweep",
    "text_of",
]
