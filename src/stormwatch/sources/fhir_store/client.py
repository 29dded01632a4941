"""Asking a FHIR server: again where that may help, with a token, and at no address but those the user gave."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from time import sleep
from typing import TYPE_CHECKING

from stormwatch.errors import UsageError
from stormwatch.sources.fhir.tree import text
from stormwatch.sources.fhir_store.answers import may_change, retry_after, said, started_at, success
from stormwatch.sources.fhir_store.pages import NoAnswer, resource_on
from stormwatch.sources.fhir_store.smart import INSTALL, Credentials, token_form

if TYPE_CHECKING:
    from httpx2 import URL, Response

TRIES = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 120.0
TIMEOUT = 60.0
SELF = {"localhost", "127.0.0.1", "::1"}
SMART_CONFIGURATION = ".well-known/smart-configuration"

# Made anew for each try: a server refuses a signed assertion that it has seen.
Form = Callable[[], dict[str, str]]

_TOKEN = re.compile(r"[\x21-\x7e]+")


class Server:
    """One FHIR server, asked over HTTP. Redirects are not followed.

    Raises:
        UsageError: the address or the token is not one, or a token would travel unencrypted.
    """

    def __init__(self, base: str, token: str | None, credentials: Credentials | None) -> None:
        try:
            import httpx2
        except ImportError:
            raise UsageError(INSTALL) from None
        if token and credentials:
            raise UsageError("give a token or credentials, not both")
        self._secret = bool(token or credentials)
        self.base = self._address(base if base.endswith("/") else f"{base}/")
        self._token_url = self._address(credentials.token_url) if credentials and credentials.token_url else None
        self._credentials = credentials
        self._token = _checked(token) if token else ""
        self._http = httpx2.Client(timeout=TIMEOUT, headers={"Accept": "application/fhir+json"})
        self.date = ""

    def close(self) -> None:
        self._http.close()

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        """The address of a query of this server."""
        return str(self.base.join(path).copy_merge_params(parameters))

    def next_url(self, current: str, following: str) -> str:
        """The address of the next page; empty when there is none.

        Raises:
            NoAnswer: it lies on another server, or holds the token.
        """
        if not following:
            return ""
        found = self._parsed(current).join(self._parsed(following))
        if _origin(found) != _origin(self.base):
            raise NoAnswer("the server's next page lies at another address than the one you gave; it was not called")
        if self._token and self._token in following:
            raise NoAnswer("the server repeats the token in the address of its next page, which would be stored")
        return str(found)

    def get(self, url: str) -> bytes:
        """The body of an answer that is a success.

        Raises:
            NoAnswer: there is none, after as many tries as may help.
        """
        self.next_url(url, url)
        if self._credentials and not self._token:
            self._renew()
        response = self._asked("GET", url)
        if response.status_code == 401 and self._credentials:
            self._renew()
            response = self._asked("GET", url)
        self.date = self.date or started_at(response)
        return success(response)

    def _asked(self, method: str, url: str, form: Form | None = None) -> Response:
        """One answer, whatever it says, unless that may change for the better."""
        wait, trouble = FIRST_WAIT, ""
        for attempt in range(1, TRIES + 1):
            response = self._sent(method, url, form)
            if isinstance(response, str):
                trouble, asked = response, None
            elif may_change(response):
                trouble, asked = said(response), retry_after(response)
            else:
                return response
            if asked is not None and asked > LONGEST_WAIT:
                raise NoAnswer(f"{trouble}: the server asks to wait {asked:.0f} s; call again after that")
            if attempt < TRIES:
                sleep(wait if asked is None else asked)
                wait *= 2
        raise NoAnswer(f"{trouble}, {TRIES} times")

    def _sent(self, method: str, url: str, form: Form | None) -> Response | str:
        """The answer, or the name of what went wrong on the way."""
        import httpx2

        headers = {"Authorization": f"Bearer {self._token}"} if self._token and form is None else {}
        try:
            return self._http.request(method, url, data=form() if form else None, headers=headers)
        except httpx2.RequestError as problem:
            return f"the connection failed ({type(problem).__name__})"

    def _renew(self) -> None:
        assert self._credentials is not None
        if self._token_url is None:
            self._token_url = self._discovered()
        self._token = ""
        response = self._asked("POST", str(self._token_url), self._token_form)
        try:
            self._token = _checked(text(resource_on(success(response)), "access_token"))
        except (ValueError, RecursionError, UsageError):
            raise NoAnswer("the token endpoint answers with no token") from None

    def _token_form(self) -> dict[str, str]:
        assert self._credentials is not None
        return token_form(self._credentials, str(self._token_url))

    def _discovered(self) -> URL:
        """The token endpoint the server names, which must be on the server itself."""
        content = success(self._asked("GET", self.url(SMART_CONFIGURATION, {})))
        try:
            named = self._parsed(text(resource_on(content), "token_endpoint"))
        except (ValueError, RecursionError):
            raise NoAnswer("the server's SMART configuration is not valid JSON") from None
        if _origin(named) != _origin(self.base):
            raise UsageError("the token endpoint is not on the FHIR server; give its address as token_url")
        return named

    def _address(self, given: str) -> URL:
        address = self._parsed(given)
        if address.scheme not in {"http", "https"} or not address.host or address.query or address.fragment:
            raise UsageError("the address of the server must be like https://host/path")
        if address.userinfo:
            raise UsageError("the address must not hold a user name or password; give a token or credentials")
        if self._secret and address.scheme == "http" and address.host not in SELF:
            raise UsageError("a token is sent over https only; over http it could be read on the way")
        return address

    def _parsed(self, address: str) -> URL:
        import httpx2

        try:
            return httpx2.URL(address)
        except httpx2.InvalidURL:
            raise NoAnswer("an address of the server cannot be read") from None


def _checked(token: str) -> str:
    if not _TOKEN.fullmatch(token.strip()):
        raise UsageError("the token has characters that no token has; check that it was copied whole")
    return token.strip()


def _origin(address: URL) -> tuple[str, str, int | None]:
    usual = {"http": 80, "https": 443}.get(address.scheme)
    return address.scheme, address.host, address.port or usual
