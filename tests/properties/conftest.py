"""The same town as the tests of services have."""

from tests.services.conftest import town  # noqa: F401
