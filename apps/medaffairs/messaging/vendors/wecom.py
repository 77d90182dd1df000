"""WeCom (企业微信): messages of an application to persons, and who signs in.

Developer centre of WeCom: 发送应用消息, 网页授权登录, 扫码授权登录.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from medaffairs.messaging.vendors.base import Endpoint, Notice, Tokens, VendorError
from medaffairs.messaging.vendors.dingtalk import Identity

API = "https://qyapi.weixin.qq.com"
IN_APP_PAGE = "https://open.weixin.qq.com/connect/oauth2/authorize"
QR_PAGE = "https://login.work.weixin.qq.com/wwlogin/sso/login"
BUSY = frozenset({"-1", "45009", "45033", "6000"})
STALE_TOKEN = frozenset({"40014", "42001", "41001"})
# The vendor drops a second message of the same content within this time (seconds).
SAME_SECONDS = 1800
LONGEST_TITLE, LONGEST_TEXT = 128, 512


@dataclass(frozen=True)
class App:
    """An application of the organization."""

    endpoint: Endpoint
    corporation: str
    secret: str
    agent: str
    tokens: Tokens

    def send(self, notice: Notice, user_ids: Sequence[str]) -> str:
        """Sends a card to persons; the number of the message.

        :raises VendorError: also when the vendor knows none of the persons
        """
        card = {"title": notice.title[:LONGEST_TITLE], "description": notice.text[:LONGEST_TEXT],
                "url": notice.link, "btntxt": "查看"}  # fmt: skip
        body = {"touser": "|".join(user_ids), "msgtype": "textcard", "agentid": int(self.agent), "textcard": card,
                "enable_duplicate_check": 1, "duplicate_check_interval": SAME_SECONDS}  # fmt: skip
        answer = self._ask("POST", "/cgi-bin/message/send", body=body)
        unknown = {name for name in str(answer.get("invaliduser") or "").split("|") if name}
        if unknown >= set(user_ids):
            raise VendorError("81013", f"unknown receivers: {', '.join(sorted(unknown))}")
        return str(answer.get("msgid") or "")

    def user_of_mobile(self, mobile: str) -> str:
        """The user with a mobile number."""
        return str(self._ask("POST", "/cgi-bin/user/getuserid", body={"mobile": mobile}).get("userid") or "")

    def user_of_code(self, code: str) -> Identity:
        """Who has opened our page inside WeCom or scanned the code; a stranger of the organization has no number."""
        answer = self._ask("GET", "/cgi-bin/auth/getuserinfo", query={"code": code})
        return Identity(str(answer.get("userid") or answer.get("UserId") or ""))

    def in_app_address(self, redirect: str, state: str, page: str = IN_APP_PAGE) -> str:
        """Where the browser inside WeCom goes to sign in."""
        query = {"appid": self.corporation, "redirect_uri": redirect, "response_type": "code",
                 "scope": "snsapi_base", "agentid": self.agent, "state": state}  # fmt: skip
        return f"{page}?{urlencode(query)}#wechat_redirect"

    def sign_in_address(self, redirect: str, state: str, page: str = QR_PAGE) -> str:
        """Where a browser goes to show a code that is scanned."""
        query = {"login_type": "CorpApp", "appid": self.corporation, "agentid": self.agent,
                 "redirect_uri": redirect, "state": state}  # fmt: skip
        return f"{page}?{urlencode(query)}"

    def _ask(
        self, method: str, path: str, query: dict[str, Any] | None = None, body: Any = None
    ) -> dict[str, Any]:
        def ask(token: str) -> dict[str, Any]:
            sent = {"access_token": token} | (query or {})
            return self._checked(self.endpoint.ask(method, path, query=sent, body=body))

        return self.tokens.using(
            f"wecom|{self.endpoint.base}|{self.corporation}|{self.agent}", self._fetch, ask
        )

    def _fetch(self) -> tuple[str, int]:
        query = {"corpid": self.corporation, "corpsecret": self.secret}
        answer = self._checked(self.endpoint.ask("GET", "/cgi-bin/gettoken", query=query))
        return str(answer["access_token"]), int(answer.get("expires_in") or 7200)

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        code = str(answer.get("errcode", 0))
        if code == "0":
            return answer
        words = self.endpoint.masked(str(answer.get("errmsg") or ""))
        raise VendorError(code, words, again=code in BUSY, renew=code in STALE_TOKEN)
