"""Reads uploaded files of datasets: npz, a zip of labelled folders, CSV, and the IDX files of Fashion-MNIST.

Each reader checks what a file claims before it allocates memory for it, and names the first fault.
"""

from service.jobs.datasets.reading.pictures import UploadedFile
from service.jobs.datasets.reading.upload import read_upload

__all__ = ["UploadedFile", "read_upload"]
