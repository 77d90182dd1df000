"""DingTalk: a group's robot with its signature, work notices to persons, and who signs in.

Open platform of DingTalk: 自定义机器人, 工作通知 (asyncsend_v2), 登录第三方网站 (OAuth 2.0), 免登授权码.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from medaffairs.messaging.vendors.base import Endpoint, Notice, Tokens, VendorError

OLD_API, NEW_API = "https://oapi.dingtalk.com", "https://api.dingtalk.com"
SIGN_IN_PAGE = "https://login.dingtalk.com/oauth2/auth"
# Codes of the open platform: too many calls, busy, token no longer good.
BUSY = frozenset({"-1", "88", "90018", "130101", "660026", "410100"})
STALE_TOKEN = frozenset({"40014", "42001", "33001", "40001", "88.40014"})
MOST_RECEIVERS = 100


class Identity(NamedTuple):
    """Who has signed in at a vendor: his account in the hospital's organization, which messages are sent to as well.

    `mobile` and `union_id` are empty where they were not told.
    """

    external_id: str
    name: str = ""
    mobile: str = ""
    union_id: str = ""


def signature(secret: str, milliseconds: int) -> str:
    """The robot's signature: HMAC-SHA256 of moment and secret, base64 (加签)."""
    text = f"{milliseconds}\n{secret}"
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def checked(answer: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    """An answer of the old interface.

    :raises VendorError: when it says that something went wrong
    """
    code = str(answer.get("errcode", 0))
    if code == "0":
        return answer
    words = endpoint.masked(str(answer.get("errmsg") or answer.get("sub_msg") or ""))
    raise VendorError(code, words, again=code in BUSY, renew=code in STALE_TOKEN)


@dataclass(frozen=True)
class Robot:
    """A group's own robot: everybody in the group reads what it says. At most 20 a minute."""

    endpoint: Endpoint
    token: str
    secret: str = ""

    def send(self, notice: Notice, mobiles: Sequence[str] = ()) -> str:
        """Says something in the group and names those whose numbers are given; there is no receipt."""
        query: dict[str, Any] = {"access_token": self.token}
        if self.secret:
            now = int(time.time() * 1000)
            query |= {"timestamp": now, "sign": signature(self.secret, now)}
        named = "".join(f" @{mobile}" for mobile in mobiles)
        body = {
            "msgtype": "markdown",
            "markdown": {"title": notice.title, "text": f"#### {notice.title}\n{notice.text}\n\n[查看]({notice.link}){named}"},
            "at": {"atMobiles": list(mobiles), "isAtAll": False},
        }  # fmt: skip
        checked(self.endpoint.ask("POST", "/robot/send", query=query, body=body), self.endpoint)
        return ""


@dataclass(frozen=True)
class App:
    """An application of the organization: work notices, and the users behind codes and numbers."""

    old: Endpoint
    new: Endpoint
    key: str
    secret: str
    agent: str
    tokens: Tokens

    def send(self, notice: Notice, user_ids: Sequence[str]) -> str:
        """Sends a work notice; the number under which its receipts are asked for.

        :raises ValueError: for more than a hundred receivers at once
        """
        if not 0 < len(user_ids) <= MOST_RECEIVERS:
            raise ValueError(f"1 to {MOST_RECEIVERS} receivers, not {len(user_ids)}")
        card = {"title": notice.title, "markdown": f"**{notice.title}**\n\n{notice.text}",
                "single_title": "查看", "single_url": notice.link}  # fmt: skip
        body = {"agent_id": int(self.agent), "userid_list": ",".join(user_ids), "to_all_user": False,
                "msg": {"msgtype": "action_card", "action_card": card}}  # fmt: skip
        answer = self._ask("/topapi/message/corpconversation/asyncsend_v2", body)
        return str(answer.get("task_id") or "")

    def readers(self, task: str) -> set[str]:
        """The users who have read a work notice."""
        answer = self._ask(
            "/topapi/message/corpconversation/getsendresult",
            {"agent_id": int(self.agent), "task_id": int(task)},
        )
        return set((answer.get("send_result") or {}).get("read_user_id_list") or ())

    def user_of_mobile(self, mobile: str) -> str:
        """The user with a mobile number."""
        answer = self._ask("/topapi/v2/user/getbymobile", {"mobile": mobile})
        return str((answer.get("result") or {}).get("userid") or "")

    def user_of_code(self, code: str) -> Identity:
        """Who has opened our page inside DingTalk (免登授权码)."""
        found = self._ask("/topapi/v2/user/getuserinfo", {"code": code}).get("result") or {}
        return Identity(str(found.get("userid") or ""), str(found.get("name") or ""))

    def sign_in_address(self, redirect: str, state: str, page: str = SIGN_IN_PAGE) -> str:
        """Where a browser goes to sign in."""
        return f"{page}?" + urlencode(
            {"client_id": self.key, "redirect_uri": redirect, "response_type": "code", "scope": "openid",
             "state": state, "prompt": "consent"}
        )  # fmt: skip

    def user_of_sign_in(self, code: str) -> Identity:
        """Who has signed in with a browser; a stranger to the organization has no account in it.

        :raises VendorError: for a code that is not good, and for a stranger
        """
        body = {
            "clientId": self.key,
            "clientSecret": self.secret,
            "code": code,
            "grantType": "authorization_code",
        }
        token = str(self.new.ask("POST", "/v1.0/oauth2/userAccessToken", body=body).get("accessToken") or "")
        found = self.new.ask("GET", "/v1.0/contact/users/me", headers={"x-acs-dingtalk-access-token": token})
        union = str(found.get("unionId") or "")
        if not union:
            raise VendorError("", "nobody has signed in")
        return Identity(
            self.user_of_union(union), str(found.get("nick") or ""), str(found.get("mobile") or ""), union
        )

    def user_of_union(self, union_id: str) -> str:
        """The user whom all applications know by a number; DingTalk signs people in by it and sends messages to another."""
        answer = self._ask("/topapi/user/getbyunionid", {"unionid": union_id})
        return str((answer.get("result") or {}).get("userid") or "")

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        def ask(token: str) -> dict[str, Any]:
            return checked(self.old.ask("POST", path, query={"access_token": token}, body=body), self.old)

        return self.tokens.using(f"dingtalk|{self.old.base}|{self.key}", self._fetch, ask)

    def _fetch(self) -> tuple[str, int]:
        query = {"appkey": self.key, "appsecret": self.secret}
        answer = checked(self.old.ask("GET", "/gettoken", query=query), self.old)
        return str(answer["access_token"]), int(answer.get("expires_in") or 7200)
