"""Pictures and documents that the bot sends."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, UnidentifiedImageError

from bot.demo.errors import bad
from bot.demo.methods.registry import Context, method
from bot.demo.outgoing import deliver, read_caption
from bot.demo.validate import Json, Upload

PHOTO_LIMIT = 10 * 1024 * 1024


def _attached(call: Context, name: str) -> tuple[str, Upload]:
    """Return the file of a call and its id: uploaded with it, or known from before."""
    value = call.get(name)
    if isinstance(value, str) and value.startswith("attach://"):
        value = call.files.get(value.removeprefix("attach://"))
    if isinstance(value, Upload):
        if not value.data:
            raise bad("file must be non-empty")
        return call.state.keep_file(value), value
    if value in call.state.files:
        return str(value), call.state.files[str(value)]
    raise bad("wrong file identifier/HTTP URL specified" if value else f"there is no {name}")


def _common(file_id: str, upload: Upload) -> Json:
    unique = f"u{file_id.rsplit('-', 1)[-1]}"
    return {"file_id": file_id, "file_unique_id": unique, "file_size": len(upload.data)}


@method("sendPhoto")
def send_photo(call: Context) -> Any:
    """Send a picture of at most 10 MB whose sides add up to at most 10,000 pixels."""
    call.chat()
    file_id, upload = _attached(call, "photo")
    try:
        with Image.open(io.BytesIO(upload.data)) as picture:
            width, height = picture.size
    except UnidentifiedImageError:
        raise bad("IMAGE_PROCESS_FAILED") from None
    too_long = max(width, height) > 20 * min(width, height)
    if len(upload.data) > PHOTO_LIMIT or width + height > 10_000 or too_long:
        raise bad("PHOTO_INVALID_DIMENSIONS")
    photo = {**_common(file_id, upload), "width": width, "height": height}
    return deliver(call, {"photo": [photo], **read_caption(call)})


@method("sendDocument")
def send_document(call: Context) -> Any:
    """Send a file."""
    call.chat()
    file_id, upload = _attached(call, "document")
    document = {**_common(file_id, upload), "file_name": upload.name, "mime_type": upload.mime}
    return deliver(call, {"document": document, **read_caption(call)})
