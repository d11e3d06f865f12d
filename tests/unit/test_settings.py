"""Settings: by variable or by flag, wrong ones named, handed on whole; and the datasets of a folder."""

from pathlib import Path

import pytest

from service.errors import InvalidInput, Misconfigured
from service.jobs import datasets
from service.settings import Settings, load_settings


def test_a_variable_and_a_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag wins; one that was not given leaves the variable."""
    monkeypatch.setenv("NAIVENET_PORT", "8123")
    monkeypatch.setenv("NAIVENET_HOST", "::1")
    settings = load_settings(port=9000, host=None)
    assert (settings.port, settings.host) == (9000, "::1")


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it is and what would be right."""
    monkeypatch.setenv("NAIVENET_PORT", "eighty")
    with pytest.raises(Misconfigured, match=r"NAIVENET_PORT: .*integer.*'eighty'"):
        load_settings()


def test_settings_are_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is started with the environment of another's settings has the same."""
    settings = Settings(data_dir=tmp_path, trainer=False, max_epochs=7, database_url="sqlite:///x.db")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_every_setting_says_what_it_means() -> None:
    """In a sentence."""
    assert all(field.description for field in Settings.model_fields.values())


def test_datasets_are_what_lies_in_the_folder(tmp_path: Path) -> None:
    """MNIST first, files and folders by name, nothing else; MNIST is always the one that ships."""
    (tmp_path / "b.npz").touch()
    (tmp_path / "mnist.npz").touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "a").mkdir()
    assert datasets.available(tmp_path) == ["mnist", "a", "b"]
    assert datasets.locate(tmp_path, "mnist") == "mnist"
    assert datasets.locate(tmp_path, "b") == tmp_path / "b.npz"
    assert datasets.locate(tmp_path, "a") == tmp_path / "a"


@pytest.mark.parametrize("name", ["c", "../b", "b.npz", "", "notes"])
def test_no_other_dataset(tmp_path: Path, name: str) -> None:
    """The text lists those that there are."""
    with pytest.raises(InvalidInput, match="choose one of: mnist"):
        datasets.locate(tmp_path, name)
