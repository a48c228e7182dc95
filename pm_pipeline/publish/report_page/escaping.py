"""Text of the product that cannot break out of the page.

Belongs here: what makes JSON and scripts safe inside ``<script>``, and the policy that makes the
browser refuse everything else. Does not belong here: HTML escaping, which the template engine does.
"""

from __future__ import annotations

import base64
import hashlib
import json

ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def json_in_script(value: object) -> str:
    """Return a value as JSON that holds no character with a meaning in HTML or old JavaScript.

    Raises ``ValueError`` for NaN and infinities, which are no JSON.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in ESCAPES.items():
        text = text.replace(character, escape)
    # A lone surrogate cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def safe_in_script(script: str) -> str:
    """Return a script without the letters that would end or confuse its element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def source_hash(content: str) -> str:
    """Return the content-security-policy source of an inline script or style."""
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def content_security_policy(scripts: list[str]) -> str:
    """Return a policy under which these inline scripts run, and no others, and nothing is loaded.

    Inline styles stay allowed: the drawing library sets some on its marks.
    """
    allowed = " ".join(source_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
