"""The parameters of an HTTP call: query, form, multipart or JSON."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from bot.demo.errors import bad
from bot.demo.validate import Upload

_NAME = re.compile(rb'\bname="([^"]*)"')
_FILENAME = re.compile(rb'\bfilename="([^"]*)"')
_TYPE = re.compile(rb"^content-type:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')


def read_params(query: str, content_type: str, body: bytes) -> dict[str, Any]:
    """Return the parameters of a call, files as ``Upload``; the body wins over the query.

    Raises ``ApiError`` 400 for a body that is not what its content type says.
    """
    params: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return params
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    if kind == "application/json":
        params.update(_json(body))
    elif kind == "multipart/form-data":
        params.update(_multipart(content_type, body))
    else:
        params.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return params


def _json(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except ValueError:
        raise bad("can't parse JSON") from None
    if not isinstance(values, dict):
        raise bad("object expected as JSON")
    return values


def _multipart(content_type: str, body: bytes) -> dict[str, Any]:
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise bad("multipart without a boundary")
    parts = (b"\r\n" + body).split(b"\r\n--" + match[1].encode())
    return dict(_part(part) for part in parts[1:] if not part.startswith(b"--"))


def _part(part: bytes) -> tuple[str, Any]:
    head, _, data = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
    name = _NAME.search(head)
    if name is None:
        raise bad("multipart part without a name")
    filename = _FILENAME.search(head)
    key = name[1].decode()
    if filename is None:
        return key, data.decode("utf-8", "replace")
    mime = _TYPE.search(head)
    kind = mime[1].decode() if mime else "application/octet-stream"
    return key, Upload(filename[1].decode("utf-8", "replace"), kind, data)
