"""Talking to a server that speaks the chat format of OpenAI, by the standard library alone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol

from stormwatch.errors import InputError, UsageError


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

    ``key`` is sent as a bearer token when there is one; it appears in no message.
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
            InputError: the server cannot be reached, refuses, or answers with something else.
        """
        if not self.address.startswith(("http://", "https://")):
            raise UsageError("the address of a language model begins with http:// or https://")
        request = urllib.request.Request(
            f"{self.address.rstrip('/')}/chat/completions",
            self._body(instructions, text),
            self._headers(),
            method="POST",
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.seconds) as response:
                return _content(json.load(response))
        except urllib.error.HTTPError as problem:
            problem.close()
            raise InputError(f"the language model refused with status {problem.code}; check address and key") from None
        except (OSError, ValueError):
            raise InputError(
                "the language model cannot be reached or does not answer in JSON; check the address"
            ) from None

    def _body(self, instructions: str, text: str) -> bytes:
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": text}]
        return json.dumps({"model": self.model, "messages": messages, "temperature": 0}).encode()

    def _headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return {"Content-Type": "application/json", **bearer}


def _content(answer: Any) -> str:
    try:
        return str(answer["choices"][0]["message"]["content"])
    except (KeyError, IndexError, TypeError):
        raise InputError("the language model's answer has no content; is it an OpenAI-compatible server?") from None
