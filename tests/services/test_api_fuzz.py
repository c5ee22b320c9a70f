"""Schemathesis at every door of the OpenAPI document: an officer, an applicant and nobody send what fits it and much
that does not, to all services on SQLite. Whatever comes, the answer is one that the document tells of, and never a 5xx.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.portal.streams import Streams
from tests.services.conftest import Town
from tests.services.test_portal import API, Portal, _no_settings  # noqa: F401 - a fixture

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
FILES = ("message/rfc822", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
BOUNDED = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer(*FILES)
def as_file(ctx, value):
    """The bytes of a file."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else str(value).encode("utf-8", "replace")


@pytest.fixture
def loop(tmp_path):
    """The portal and the services that decide; a stream ends at once."""
    town = Town(f"sqlite:///{tmp_path}/")
    for name in ("intake", "routing", "supervision", "evaluation"):
        town.host(name)
    yield Portal(town, streams=Streams(lasting_seconds=0))
    town.close()


@pytest.mark.parametrize("who", ["officer", "applicant", "nobody"])
def test_whatever_is_sent_gets_an_answer_that_the_document_tells_of(loop, who):
    receipt, code = loop.submit()
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    headers = {"officer": {"Authorization": "Bearer officer"}, "applicant": {"X-Query-Code": code}}.get(who, {})
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", loop.client.application)
    doors = [found.ok() for found in document.get_all_operations()]

    wrong = [problem for door in doors if (problem := trouble(door, headers, receipt))]

    assert not wrong, "\n\n".join(wrong)
    assert len(doors) > 50


def trouble(door, headers, receipt):
    """What is wrong at one door, if anything; half of the requests are about an appeal that there is."""

    fitting, unfitting = (door.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @BOUNDED
    @given(case=fitting | unfitting, ours=st.booleans())
    def attempt(case, ours):
        if ours and "receipt" in case.path_parameters:
            case.path_parameters |= {"receipt": receipt} | ({"order": "01"} if "order" in case.path_parameters else {})
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    try:
        attempt()
    except (AssertionError, BaseExceptionGroup) as error:
        return f"{door.label}: {error}"
    return None
