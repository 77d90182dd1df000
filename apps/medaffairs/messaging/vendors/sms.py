"""Text messages: the signed interface of Alibaba Cloud (SendSms 2017-05-25), and a gateway of the hospital's own.

Templates and signatures are registered with the carrier, so a message is a template's code and its values.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import quote

from medaffairs.messaging.vendors.base import Endpoint, Notice, VendorError

ALIYUN = "https://dysmsapi.aliyuncs.com"
BUSY = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isp.RAM_PERMISSION_DENY", "Throttling"})
LONGEST_VALUE = 35


def values_of(notice: Notice) -> dict[str, str]:
    """A template's values, each as short as carriers let pass."""
    return {name: str(value)[:LONGEST_VALUE] for name, value in notice.parameters.items()}


def encoded(text: str) -> str:
    """Percent encoding of RFC 3986, which signatures are made of."""
    return quote(text, safe="-_.~")


def aliyun_signature(parameters: Mapping[str, str], secret: str, method: str = "POST") -> str:
    """The signature of Alibaba Cloud's RPC interface: HMAC-SHA1 over the sorted parameters."""
    text = "&".join(f"{encoded(name)}={encoded(parameters[name])}" for name in sorted(parameters))
    signed = f"{method}&{encoded('/')}&{encoded(text)}"
    digest = hmac.new(f"{secret}&".encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True)
class Aliyun:
    """Alibaba Cloud's service."""

    endpoint: Endpoint
    key: str
    secret: str
    sign_name: str

    def send(self, notice: Notice, mobile: str) -> str:
        """Sends one text message; its number."""
        parameters = {
            "AccessKeyId": self.key, "Action": "SendSms", "Format": "JSON", "OutId": notice.key[:64],
            "PhoneNumbers": mobile, "RegionId": "cn-hangzhou", "SignName": self.sign_name,
            "SignatureMethod": "HMAC-SHA1", "SignatureNonce": uuid.uuid4().hex, "SignatureVersion": "1.0",
            "TemplateCode": notice.template, "TemplateParam": json.dumps(values_of(notice), ensure_ascii=False),
            "Timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "Version": "2017-05-25",
        }  # fmt: skip
        parameters["Signature"] = aliyun_signature(parameters, self.secret)
        answer = self.endpoint.ask("POST", "/", form=parameters)
        code = str(answer.get("Code") or "")
        if code != "OK":
            raise VendorError(
                code, self.endpoint.masked(str(answer.get("Message") or "")), again=code in BUSY
            )
        return str(answer.get("BizId") or "")


def gateway_signature(secret: str, moment: int, nonce: str, body: str) -> str:
    """The signature of the hospital's own gateway: HMAC-SHA256 of moment, nonce and body, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{moment}\n{nonce}\n{body}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Gateway:
    """A gateway in the hospital: JSON with mobile, template and values, signed in its headers (docs/messaging.md)."""

    endpoint: Endpoint
    account: str
    secret: str
    sign_name: str

    def send(self, notice: Notice, mobile: str) -> str:
        """Sends one text message; its number."""
        body = {"key": notice.key, "mobile": mobile, "parameters": values_of(notice), "sign": self.sign_name,
                "template": notice.template}  # fmt: skip
        moment, nonce = int(time.time()), uuid.uuid4().hex
        signed = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        headers = {"X-Account": self.account, "X-Timestamp": str(moment), "X-Nonce": nonce,
                   "X-Signature": gateway_signature(self.secret, moment, nonce, signed)}  # fmt: skip
        answer = self.endpoint.ask("POST", "/messages", body=body, headers=headers)
        code = str(answer.get("code", ""))
        if code not in ("0", "OK"):
            again = bool(answer.get("retry"))
            raise VendorError(code, self.endpoint.masked(str(answer.get("message") or "")), again=again)
        return str(answer.get("id") or "")
