"""Reports: what a job or an experiment has done as one HTML file, which opens without a network."""

from service.api.reports.experiment import read_experiment_report, write_experiment_report
from service.api.reports.job import read_job_report, write_job_report
from service.api.reports.page import ReportFile

__all__ = [
    "ReportFile",
    "read_experiment_report",
    "read_job_report",
    "write_experiment_report",
    "write_job_report",
]
