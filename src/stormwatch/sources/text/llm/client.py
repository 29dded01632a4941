"""Talking to a server that speaks the chat format of OpenAI, by the standard library alone."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol

from stormwatch.errors import InputError, UsageError

_LARGEST = 32_000_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A report goes to the address the user gave, and to no other that its server names."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


class Model(Protocol):
    """Something that answers a prompt. ``name`` tells one model from another in the cache."""

    @property
    def name(self) -> str: ...

    def answer(self, instructions: str, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class ChatClient:
    """A model at an address such as ``http://localhost:8000/v1``. Nothing is sent anywhere else.

    A redirection is refused, and a proxy that the environment names is not used. ``key`` is sent as a bearer token when
    there is one; it appears in no message. ``seconds`` is how long the server may be silent.
    """

    address: str
    model: str
    key: str = ""
    seconds: float = 120.0

    @property
    def name(self) -> str:
        return self.model

    def answer(self, instructions: str, text: str) -> str:
        """The model's answer as text.

        Raises:
            UsageError: the address is none of http or https.
            InputError: the server cannot be reached, is silent for too long, refuses, sends the report elsewhere, or
                answers with something else.
        """
        if not self.address.startswith(("http://", "https://")):
            raise UsageError("the address of a language model begins with http:// or https://")
        try:
            return _content(json.loads(self._sent(self._body(instructions, text))))
        except urllib.error.HTTPError as problem:
            problem.close()
            raise InputError(_refusal(problem.code)) from None
        except TimeoutError:
            raise InputError(self._silence()) from None
        except (OSError, http.client.HTTPException) as problem:
            late = isinstance(getattr(problem, "reason", None), TimeoutError)
            raise InputError(self._silence() if late else _UNREACHED) from None
        except (ValueError, RecursionError):
            raise InputError(_NOT_JSON) from None

    def _sent(self, body: bytes) -> bytes:
        address = f"{self.address.rstrip('/')}/chat/completions"
        request = urllib.request.Request(address, body, self._headers(), method="POST")
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=self.seconds) as response:
            content: bytes = response.read(_LARGEST)
        return content

    def _silence(self) -> str:
        return f"the language model did not answer within {self.seconds:g} seconds; allow it more, or try a smaller one"

    def _body(self, instructions: str, text: str) -> bytes:
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": text}]
        return json.dumps({"model": self.model, "messages": messages, "temperature": 0}).encode()

    def _headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.key.strip()}"} if self.key.strip() else {}
        return {"Content-Type": "application/json", **bearer}


_UNREACHED = "the language model cannot be reached; check that its server runs and that the address is right"
_NOT_JSON = "the language model does not answer in JSON, or its address or key is malformed; check both"
_FIRST_REDIRECT, _LAST_REDIRECT = 300, 399


def _refusal(status: int) -> str:
    if _FIRST_REDIRECT <= status <= _LAST_REDIRECT:
        return f"the language model's server wants the report sent elsewhere (status {status}); that is not done"
    return f"the language model refused with status {status}; check address, model and key"


def _content(answer: Any) -> str:
    try:
        return str(answer["choices"][0]["message"]["content"])
    except (KeyError, IndexError, TypeError):
        raise InputError("the language model's answer has no content; is it an OpenAI-compatible server?") from None
