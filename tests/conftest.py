"""What every test shares: where the real data lies, and the properties' budget."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

settings.register_profile("everyday", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("DEALERDESK_HYPOTHESIS", "everyday"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; tests that need it are left out, visibly, where it is not set."""
    folder = os.environ.get("DEALERDESK_REAL_DATA")
    if not folder:
        if os.environ.get("CI"):
            pytest.fail("DEALERDESK_REAL_DATA is not set in CI")
        pytest.skip("DEALERDESK_REAL_DATA is not set")
    return Path(folder)
