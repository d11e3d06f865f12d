"""Creates the bucket of NAIVENET_STORAGE_URL if it is missing: for a store of one's own, which starts empty."""

import os

import fsspec


def main() -> None:
    """Create the bucket; keys and address are the service's own."""
    bucket = "/".join(os.environ["NAIVENET_STORAGE_URL"].split("/")[:3])
    files, name = fsspec.url_to_fs(bucket)
    if not files.exists(name):
        files.mkdir(name)


if __name__ == "__main__":
    main()
