"""SMART backend services: a token for a program, got with a signed assertion in place of a password.

SMART App Launch 2, "Backend Services" and "Client Authentication: Asymmetric": the assertion is a JWT signed with
RS384 or ES384; its issuer and subject are the client id, its audience is the token endpoint, and it expires within
five minutes.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stormwatch.errors import UsageError
from stormwatch.sources.opening import StrPath

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

LIFETIME = 240
"""Seconds an assertion is valid; five minutes are allowed, and clocks differ."""

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
INSTALL = 'reading from a server needs more packages: pip install "stormwatch[server]"'


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client registered with a server for backend services.

    ``key_file`` is a private key as PEM or JWK: RSA signs with RS384, an elliptic curve P-384 with ES384. ``key_id`` is
    the ``kid`` under which the server knows the public key; a JWK may carry it. ``token_url`` is needed only where the
    token endpoint is on another host than the FHIR server: no address is called but those you give.
    """

    client_id: str
    key_file: StrPath
    key_id: str = ""
    scope: str = "system/*.read"
    token_url: str = ""


def token_form(credentials: Credentials, token_url: str) -> dict[str, str]:
    """The form that asks for a token."""
    return {
        "grant_type": "client_credentials",
        "scope": credentials.scope,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": _assertion(credentials, token_url),
    }


def _assertion(credentials: Credentials, token_url: str) -> str:
    key = _key(credentials.key_file)
    from joserfc import jwt

    algorithm = "RS384" if key.key_type == "RSA" else "ES384"
    header = {"alg": algorithm, "typ": "JWT", "kid": credentials.key_id or key.kid}
    now = int(time.time())
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.client_id,
        "aud": token_url,
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + LIFETIME,
    }
    return jwt.encode({name: value for name, value in header.items() if value}, claims, key, [algorithm])


def _key(file: StrPath) -> RSAKey | ECKey:
    """The private key. No message repeats what the file holds."""
    try:
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey, RSAKey
    except ImportError:
        raise UsageError(INSTALL) from None
    content = _content(file)
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(_jwk_or_pem(content))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if key.is_private and (isinstance(key, RSAKey) or key.curve_name == "P-384"):
            return key
    raise UsageError("the key file holds no unencrypted RSA or P-384 private key (PEM, or one JWK)")


def _content(file: StrPath) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise UsageError("the key file cannot be read; check its path and permissions") from None


def _jwk_or_pem(content: str) -> Any:
    return json.loads(content) if content.lstrip().startswith("{") else content
