"""Fixtures every test may use."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of lexicons, feeds and seed documents that ships with the checkout."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The material to measure on, which lies beside the checkout of a developer and of CI."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the measuring sets are not beside this checkout")
    return folder
