"""Objects of S3 are asked for without botocore's layers: as it would sign them, and it explains what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.aws.client import Aws
from responder.aws.object_reads import Form, ObjectReads, form_of
from responder.errors import NotFound, NotPermitted, ResponderError
from responder.settings.secret import Secret

from tests.aws.support import Connected

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda key: not {".", "..", ""}.intersection(key.split("/"))
)


def by_botocore(url: str, region: str, credentials: Any) -> Any:
    request = AWSRequest("GET", url, headers={"User-Agent": "x"})
    botocore.auth.S3SigV4Auth(credentials, "s3", region).add_auth(request)
    return request.prepare()


@pytest.fixture
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: AT.replace(tzinfo=None))
    yield


@pytest.mark.usefixtures("_stopped_clock")
@pytest.mark.parametrize("base", ["https://logs.s3.eu-west-1.amazonaws.com/", "http://127.0.0.1:5000/logs/"])
@pytest.mark.parametrize("token", [None, "session/token=="])
@given(key=KEYS, version=st.text("abcXYZ019._-~+/=", max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_request_is_signed_as_botocore_signs_it(base: str, token: str | None, key: str, version: str) -> None:
    credentials = ReadOnlyCredentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+EXAMPLEKEY", token)
    form = form_of(by_botocore(base + "known/key", "eu-west-1", credentials), "known/key")
    assert form is not None and form.region == "eu-west-1"
    target = quote(key, safe="/~")
    query = f"versionId={quote(version, safe='')}" if version else ""
    ours = ObjectReads(lambda: AT).signed(form, target, query, credentials)
    theirs = by_botocore(f"{form.url}{target}{'?' if query else ''}{query}", "eu-west-1", credentials).headers
    for name in ("Authorization", "X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Security-Token"):
        said = theirs.get(name)
        mine = next((value for one, value in ours.items() if one.lower() == name.lower()), None)
        assert mine == (said.decode() if isinstance(said, bytes) else said)


def test_a_request_that_is_signed_in_another_way_says_nothing_of_others() -> None:
    credentials = ReadOnlyCredentials("AKIAIOSFODNN7EXAMPLE", "secret", None)
    request = AWSRequest("GET", "https://logs.s3.amazonaws.com/key")
    assert form_of(request.prepare(), "key") is None
    botocore.auth.HmacV1Auth(credentials, "s3").add_auth(request)
    assert form_of(request.prepare(), "key") is None
    signed = by_botocore("https://logs.s3.amazonaws.com/key", "us-east-1", credentials)
    assert form_of(signed, "another") is None
    assert isinstance(form_of(signed, "key"), Form)


def test_botocore_is_asked_for_the_first_object_of_a_bucket_and_for_what_is_not_there(
    aws: Aws, connected: Connected, admin: Any, name: str
) -> None:
    s3 = admin("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    keys = ["AWSLogs/one.gz", "AWSLogs/a <b>&ü+%20.gz", "AWSLogs/two.gz"]
    versions = [s3.put_object(Bucket=name, Key=key, Body=key.encode() * 9)["VersionId"] for key in keys]
    s3.put_object(Bucket=name, Key=keys[0], Body=b"newer")
    read = [aws.open_object(name, key, "us-east-1").read() for key in keys]
    assert read == [b"newer", *(key.encode() * 9 for key in keys[1:])]
    assert aws.open_object(name, keys[0], "us-east-1", versions[0]).read() == keys[0].encode() * 9
    assert connected.calls == [("s3", "GetObject")]
    with pytest.raises(NotFound):
        aws.open_object(name, "AWSLogs/three.gz", "us-east-1")
    assert len(connected.calls) == 2


def test_a_call_that_fails_before_it_is_sent_says_nothing_of_the_next(aws: Aws, admin: Any, name: str) -> None:
    for number in (1, 2):
        admin("s3").create_bucket(Bucket=f"{name}-{number}")
        admin("s3").put_object(Bucket=f"{name}-{number}", Key="same", Body=b"%d" % number)
    with pytest.raises(ResponderError):
        aws.open_object("no bucket", "same", "us-east-1")
    assert aws.open_object(f"{name}-1", "same", "us-east-1").read() == b"1"
    assert [aws.open_object(f"{name}-{number}", "same", "us-east-1").read() for number in (2, 1, 2)] == [
        b"2",
        b"1",
        b"2",
    ]


def test_rights_that_are_taken_away_are_named_as_for_any_other_call(
    stand_in: Any, connect: Any, admin: Any, name: str, enforced: Any
) -> None:
    admin("s3").create_bucket(Bucket=name)
    admin("s3").put_object(Bucket=name, Key="one", Body=b"1")
    iam = admin("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    secret = Secret(key["SecretAccessKey"])
    aws = connect(stand_in.url, access_key_id=key["AccessKeyId"], secret_access_key=secret).aws
    assert aws.open_object(name, "one", "us-east-1").read() == b"1"
    enforced()
    with pytest.raises(NotPermitted, match="s3:GetObject"):
        aws.open_object(name, "one", "us-east-1")
