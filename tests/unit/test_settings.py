"""Settings: environment variables and command-line options, errors, other processes; and the datasets of a folder."""

from pathlib import Path

import pytest

from service.errors import InvalidInput, Misconfigured
from service.jobs import datasets
from service.settings import Settings, load_settings


def test_an_option_overrides_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command-line option overrides the environment variable; without the option the variable counts."""
    monkeypatch.setenv("NAIVENET_PORT", "8123")
    monkeypatch.setenv("NAIVENET_HOST", "::1")
    settings = load_settings(port=9000, host=None)
    assert (settings.port, settings.host) == (9000, "::1")


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable, its value, and the expected type."""
    monkeypatch.setenv("NAIVENET_PORT", "eighty")
    with pytest.raises(Misconfigured, match=r"NAIVENET_PORT: .*integer.*'eighty'"):
        load_settings()


@pytest.mark.parametrize(
    ("origin", "help"),
    [
        ("example.org", "write the scheme, too, as in https://example.org"),
        ("https://example.org/app", "write only https://example.org"),
        ("https://example.org:port", "is no origin"),
        ("https://", "is no origin"),
    ],
)
def test_what_is_no_origin_is_refused(origin: str, help: str) -> None:  # noqa: A002  # what the message must contain
    """The error names the variable and what to write: a browser would only refuse the page, without a word."""
    with pytest.raises(Misconfigured, match="NAIVENET_CORS_ORIGINS: ") as refused:
        load_settings(cors_origins=f"https://fine.example.org, {origin}")
    assert repr(origin) in str(refused.value)
    assert help in str(refused.value)


def test_origins_are_normalized() -> None:
    """They become what browsers send; other schemes, IPv6 and names in other scripts work."""
    given = "HTTP://LocalHost:80/, http://[::1]:5173, https://münchen.example:443, capacitor://localhost, null, *"
    normal = "http://localhost,http://[::1]:5173,https://xn--mnchen-3ya.example,capacitor://localhost,null,*"
    assert load_settings(cors_origins=given).resolved_cors_origins == normal.split(",")


def test_settings_pass_to_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that gets settings as environment variables loads the same settings."""
    settings = Settings(data_dir=tmp_path, trainer=False, max_epochs=7, database_url="sqlite:///x.db")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_every_setting_has_a_description() -> None:
    """Each setting has a description."""
    assert all(field.description for field in Settings.model_fields.values())


def test_the_datasets_of_a_folder(tmp_path: Path) -> None:
    """MNIST comes first, then .npz files and folders by name. The name mnist is always the MNIST of the package."""
    (tmp_path / "b.npz").touch()
    (tmp_path / "mnist.npz").touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "a").mkdir()
    assert datasets.available(tmp_path) == ["mnist", "a", "b"]
    assert datasets.locate(tmp_path, "mnist") == "mnist"
    assert datasets.locate(tmp_path, "b") == tmp_path / "b.npz"
    assert datasets.locate(tmp_path, "a") == tmp_path / "a"


@pytest.mark.parametrize("name", ["c", "../b", "b.npz", "", "notes"])
def test_an_unknown_dataset_is_refused(tmp_path: Path, name: str) -> None:
    """The error lists the datasets to choose from; a path is no name of a dataset."""
    with pytest.raises(InvalidInput, match="choose one of: mnist"):
        datasets.locate(tmp_path, name)
