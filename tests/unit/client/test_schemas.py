"""The client's classes have the fields of the API's responses: none is dropped silently, and none is out of date."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from naivenet_client.schemas import (
    checkpoints,
    common,
    comparison,
    datasets,
    events,
    experiments,
    history,
    jobs,
    models,
    networks,
    options,
    predictions,
    service,
    steps,
    webhooks,
)

DOCUMENT = json.loads((Path(__file__).parents[2] / "compatibility" / "openapi.json").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

#: Each class, and the schema of the OpenAPI document whose fields it has.
NAMES: dict[type[msgspec.Struct], str] = {
    checkpoints.Calibration: "CalibrationOut",
    checkpoints.CalibrationBin: "BinOut",
    checkpoints.CheckpointData: "CheckpointOut",
    checkpoints.ClassMetrics: "ClassOut",
    checkpoints.Evaluation: "EvaluationOut",
    checkpoints.HardImage: "HardOut",
    common.Page: "Page_JobOut_",
    comparison.ComparedJob: "ComparedOut",
    comparison.Comparison: "ComparisonOut",
    comparison.Curve: "CurveOut",
    comparison.Curves: "CurvesOut",
    comparison.Difference: "DifferenceOut",
    comparison.JobGroup: "GroupOut",
    comparison.Metrics: "FiguresOut",
    comparison.Spread: "SpreadOut",
    comparison.Spreads: "SpreadsOut",
    datasets.AddedSamples: "AddedSamplesOut",
    datasets.DatasetData: "DatasetOut",
    datasets.DatasetImage: "ImageOut",
    datasets.DatasetVersion: "DatasetVersionOut",
    datasets.Original: "OriginalOut",
    datasets.Part: "PartOut",
    datasets.Sample: "SampleOut",
    events.Event: "StatusEventOut",
    experiments.Arm: "ArmOut",
    experiments.ArmResult: "ArmResultOut",
    experiments.BestSoFar: "BestSoFarOut",
    experiments.Effect: "EffectOut",
    experiments.EffectPoint: "EffectPointOut",
    experiments.ExperimentData: "ExperimentOut",
    experiments.ExperimentResult: "ExperimentResultOut",
    experiments.JobCounts: "JobCountsOut",
    experiments.Pair: "PairOut",
    experiments.Plan: "PlanOut",
    experiments.Run: "RunOut",
    experiments.SweepResult: "SweepOut",
    history.EpochPoint: "EpochOut",
    history.History: "HistoryOut",
    history.SetMetrics: "SetOut",
    history.StepPoint: "StepOut",
    jobs.ChangedJobs: "ChangedJobsOut",
    jobs.Creator: "CreatorOut",
    jobs.EarlyStopping: "EarlyStopping",
    jobs.Estimate: "EstimateOut",
    jobs.Execution: "ExecutionOut",
    jobs.Failure: "FailureOut",
    jobs.JobConfig: "JobConfig",
    jobs.JobData: "JobOut",
    jobs.Layer: "Layer",
    jobs.MixedDataset: "MixedDataset",
    jobs.Network: "Network",
    jobs.Note: "JobNoteOut",
    jobs.Progress: "ProgressOut",
    jobs.Result: "ResultOut",
    jobs.ValidatedJob: "ValidatedJobOut",
    models.Alias: "AliasOut",
    models.ModelData: "ModelOut",
    models.Version: "VersionOut",
    networks.NetworkWeights: "NetworkWeightsOut",
    networks.ShownLayer: "ShownLayerOut",
    networks.UnitWeights: "UnitWeightsOut",
    networks.WeightPicture: "WeightPictureOut",
    options.Option: "OptimizerOut",
    options.Options: "OptionsOut",
    options.Parameter: "ParameterOut",
    options.PrecisionOption: "PrecisionOut",
    service.Key: "OwnKeyOut",
    service.KeyLimits: "LimitsOut",
    service.KeyUsage: "UsageOut",
    service.Readiness: "Readiness",
    steps.RecordedStep: "RecordedStep",
    steps.RecordedSteps: "RecordedSteps",
    steps.SampleOfStep: "SampleOfStep",
    steps.UnitOfStep: "UnitOfStep",
    steps.WeightOfStep: "WeightOfStep",
    webhooks.Delivery: "DeliveryOut",
    webhooks.WebhookData: "NewWebhookOut",
}

#: Fields that the client leaves out: those of TensorFlow Serving's protocol, and links.
LEFT_OUT = {
    models.ModelData: {"model_version_status"},
    events.Event: {"event_number", "created_at"},
    datasets.DatasetData: {"links"},
    datasets.Sample: {"links"},
}

MODULES = (
    checkpoints,
    common,
    comparison,
    datasets,
    events,
    experiments,
    history,
    jobs,
    models,
    networks,
    options,
    predictions,
    service,
    steps,
    webhooks,
)


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.__name__)
def test_a_class_has_the_fields_of_its_schema(kind: type[msgspec.Struct]) -> None:
    """The fields of the class are the properties of the schema."""
    assert set(kind.__struct_fields__) | LEFT_OUT.get(kind, set()) == set(SCHEMAS[NAMES[kind]]["properties"])


def test_predictions_have_the_fields_of_their_schema() -> None:
    """The fields of a prediction are those of a response for one picture."""
    kinds = {
        predictions.Prediction: "PredictionOut",
        predictions.Ranked: "RankedOut",
        predictions.Preparation: "PreparationOut",
        predictions.Note: "NoteOut",
        predictions.Step: "TraceStepOut",
    }
    for kind, name in kinds.items():
        assert set(kind.__struct_fields__) == set(SCHEMAS[name]["properties"])


def test_a_new_job_takes_every_field() -> None:
    """`jobs.create` has a typed argument for each field of a configuration."""
    assert set(jobs.JobFields.__annotations__) == set(SCHEMAS["JobConfig"]["properties"])


def test_no_class_is_forgotten() -> None:
    """Each class is compared here, or has no schema in the document: data of events and of webhooks' messages."""
    defined = {
        each
        for module in MODULES
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, msgspec.Struct) and each.__module__ == module.__name__
    }
    of_predictions = {getattr(predictions, name) for name in ("Prediction", "Ranked", "Preparation", "Note", "Step")}
    compared = NAMES.keys() | of_predictions
    of_events = {each for each in defined if issubclass(each, events.Event)}
    assert defined - compared - of_events == {
        experiments.Design,
        webhooks.WebhookEvent,
        webhooks.WebhookJob,
    }
