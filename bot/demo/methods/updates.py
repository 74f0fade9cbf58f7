"""How the bot gets its updates: long polling or a webhook."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from bot.demo.errors import ApiError, bad
from bot.demo.methods.registry import Context, method

WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


@method("getUpdates")
async def get_updates(call: Context) -> Any:
    """Answer the oldest updates that are not confirmed."""
    state = call.state
    if state.webhook is not None:
        raise ApiError(409, WEBHOOK_ACTIVE)
    if "allowed_updates" in call.params:
        state.updates.allowed = call.get("allowed_updates")
    limit = min(max(call.get("limit", 100), 1), 100)
    timeout = min(max(call.get("timeout", 0), 0), 50)
    return await state.updates.poll(call.get("offset", 0), limit, timeout)


@method("setWebhook")
def set_webhook(call: Context) -> Any:
    """Deliver from now on to an address; an empty one takes it away."""
    url = call.get("url", "")
    if call.get("drop_pending_updates"):
        call.state.updates.clear()
    if not url:
        call.state.webhook = None
        return True
    secret = call.get("secret_token", "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad("secret token contains unallowed characters")
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not local:
        # Telegram wants https; a stand-in on loopback delivers to loopback only.
        raise bad("bad webhook: an address on this machine must be provided for webhook")
    if "allowed_updates" in call.params:
        call.state.updates.allowed = call.get("allowed_updates")
    call.state.webhook = {
        "url": url,
        "secret": secret,
        "max_connections": call.get("max_connections", 40),
    }
    if call.state.updates.on_put:
        call.state.updates.on_put()
    return True


@method("deleteWebhook")
def delete_webhook(call: Context) -> Any:
    """Go back to polling."""
    if call.get("drop_pending_updates"):
        call.state.updates.clear()
    call.state.webhook = None
    return True


@method("getWebhookInfo")
def get_webhook_info(call: Context) -> Any:
    """Tell where updates go and what last went wrong."""
    hook = call.state.webhook or {"url": ""}
    info = {
        "url": hook["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(call.state.updates.pending),
    }
    for name in ("max_connections", "last_error_date", "last_error_message"):
        if name in hook:
            info[name] = hook[name]
    if call.state.updates.allowed:
        info["allowed_updates"] = call.state.updates.allowed
    return info
