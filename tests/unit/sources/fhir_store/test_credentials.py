"""SMART backend services: the signed assertion, checked with the public key, and the token it brings."""

from __future__ import annotations

import json
import time
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from tests.unit.sources.fhir_store.conftest import Reply, bundle, outcome

from stormwatch.errors import InputError, UsageError
from stormwatch.sources.fhir_store import Credentials, fetch

EVERYTHING = "/fhir/Patient/p/$everything"
PERSON = {"resourceType": "Patient", "id": "p"}
RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-384")


@pytest.fixture
def key_file(tmp_path):
    def key_file(content, name="key"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else content.as_pem(private=True).decode())
        return path

    return key_file


@pytest.fixture
def smart(server):
    """The server names its token endpoint and gives tokens numbered from 1."""
    given: list[str] = []

    def token(request):
        given.append(f"token-{len(given) + 1}")
        return Reply({"access_token": given[-1], "token_type": "bearer", "expires_in": 300})

    server.answers["/fhir/.well-known/smart-configuration"] = {"token_endpoint": f"{server.address}/auth/token"}
    server.answers["/auth/token"] = token
    server.answers[EVERYTHING] = bundle(PERSON)
    return server


def asked_for_tokens(server):
    return [request for request in server.asked if request.method == "POST"]


@pytest.mark.parametrize(("algorithm", "key"), [("RS384", RSA), ("ES384", EC)])
def test_the_assertion_is_signed_and_says_what_smart_asks(smart, key_file, tmp_path, algorithm, key):
    credentials = Credentials("client-7", key_file(key), key_id="k1")
    before = int(time.time())
    fetch(smart.base, "p", into=tmp_path / "out", credentials=credentials)
    (request,) = asked_for_tokens(smart)
    assert request.form["grant_type"] == "client_credentials"
    assert request.form["scope"] == "system/*.read"
    assert request.form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    public = type(key).import_key(key.as_pem(private=False))
    token = jwt.decode(request.form["client_assertion"], public, algorithms=[algorithm])
    assert token.header == {"alg": algorithm, "typ": "JWT", "kid": "k1"}
    claims = token.claims
    assert claims["iss"] == claims["sub"] == "client-7"
    assert claims["aud"] == f"{smart.address}/auth/token"
    assert before < claims["exp"] <= int(time.time()) + 300
    assert claims["jti"]
    assert smart.asked[-1].headers["Authorization"] == "Bearer token-1"


def test_a_jwk_brings_its_own_key_id(smart, key_file, tmp_path):
    file = key_file(json.dumps({**EC.as_dict(private=True), "kid": "from-jwk"}))
    fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", file))
    token = jwt.decode(asked_for_tokens(smart)[0].form["client_assertion"], EC, algorithms=["ES384"])
    assert token.header["kid"] == "from-jwk"


def test_a_token_that_expires_on_the_way_is_renewed_with_a_new_assertion(smart, key_file, tmp_path):
    def second_page(request):
        fresh = request.headers["Authorization"] == "Bearer token-2"
        return Reply(bundle({**PERSON, "id": "q"})) if fresh else Reply(outcome("login"), 401)

    smart.answers[EVERYTHING] = bundle(PERSON, following=f"{smart.base}/page/1")
    smart.answers["/fhir/page/1"] = second_page
    fetched = fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", key_file(EC)))
    assert fetched.received == 2
    assertions = [request.form["client_assertion"] for request in asked_for_tokens(smart)]
    jtis = {jwt.decode(each, EC, algorithms=["ES384"]).claims["jti"] for each in assertions}
    assert len(jtis) == 2


def test_a_client_that_is_not_accepted_is_asked_to_try_no_more_than_once(smart, key_file, tmp_path):
    smart.answers[EVERYTHING] = Reply(outcome("login"), 401)
    with pytest.raises(InputError, match="401"):
        fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", key_file(EC)))
    assert len(asked_for_tokens(smart)) == 2


def test_each_try_for_a_token_has_an_assertion_of_its_own(smart, key_file, tmp_path):
    token = smart.answers["/auth/token"]
    smart.answers["/auth/token"] = [Reply(status=503), token]
    fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", key_file(EC)))
    assert len({request.form["client_assertion"] for request in asked_for_tokens(smart)}) == 2


def test_no_key_no_assertion_and_no_token_is_kept_or_told(smart, key_file, tmp_path):
    file = key_file(EC)
    credentials = Credentials("c", file)
    smart.answers["/fhir/page/1"] = Reply(status=500)
    smart.answers[EVERYTHING] = bundle(PERSON, following=f"{smart.base}/page/1")
    with pytest.raises(InputError) as told:
        fetch(smart.base, "p", into=tmp_path / "out", credentials=credentials)
    kept = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    secrets = [file.read_text().splitlines()[1], "token-1", asked_for_tokens(smart)[0].form["client_assertion"]]
    for place in (kept, str(told.value), repr(credentials)):
        assert not any(secret in place for secret in secrets)


def test_a_token_endpoint_elsewhere_must_be_named_by_the_user(smart, key_file, tmp_path):
    elsewhere = smart.address.replace("127.0.0.1", "localhost")
    smart.answers["/fhir/.well-known/smart-configuration"] = {"token_endpoint": f"{elsewhere}/auth/token"}
    with pytest.raises(UsageError, match="token_url"):
        fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", key_file(EC)))
    assert asked_for_tokens(smart) == []
    named = Credentials("c", key_file(EC), token_url=f"{elsewhere}/auth/token")
    fetch(smart.base, "p", into=tmp_path / "out", credentials=named)
    (request,) = asked_for_tokens(smart)
    claims = jwt.decode(request.form["client_assertion"], EC, algorithms=["ES384"]).claims
    assert urlsplit(claims["aud"]).hostname == "localhost"


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        (
            "/auth/token",
            Reply({"error": "invalid_client", "error_description": "key MIG"}, 400),
            "400 (invalid_client)",
        ),
        ("/auth/token", {"token_type": "bearer"}, "no token"),
        ("/auth/token", b"<html>", "no token"),
        ("/fhir/.well-known/smart-configuration", Reply(status=404), "404"),
        ("/fhir/.well-known/smart-configuration", b"<html>", "not valid JSON"),
    ],
)
def test_a_token_that_is_not_given_is_said(smart, key_file, tmp_path, path, answer, said):
    smart.answers[path] = answer
    with pytest.raises(InputError) as told:
        fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", key_file(EC)))
    assert said in str(told.value)
    assert "MIG" not in str(told.value)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no key",
        "{",
        '{"kty": "oct", "k": "c2VjcmV0"}',
        EC.as_pem(private=False).decode(),
        RSA.as_pem(private=False).decode(),
        ECKey.generate_key("P-256").as_pem(private=True).decode(),
        EC.as_pem(private=True, password="x").decode(),
    ],
)
def test_a_file_without_a_usable_private_key_is_refused(smart, key_file, tmp_path, content):
    with pytest.raises(UsageError, match="private key"):
        fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", key_file(content)))
    with pytest.raises(UsageError, match="cannot be read"):
        fetch(smart.base, "p", into=tmp_path / "out", credentials=Credentials("c", tmp_path / "none"))


def test_a_token_and_credentials_are_one_too_many(smart, key_file, tmp_path):
    with pytest.raises(UsageError, match="not both"):
        fetch(smart.base, "p", into=tmp_path, token="t", credentials=Credentials("c", key_file(EC)))
