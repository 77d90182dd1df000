"""Stand-ins for DingTalk, WeCom and SMS gateways on a real socket: they check address, signature and body as the vendors
do, answer with the vendors' codes, and can be told to fail."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

APP_KEY, APP_SECRET, AGENT, CORPORATION = "ding-key", "ding-secret", "1001", "ww-corp"
ROBOT_TOKEN, ROBOT_SECRET = "robot-token", "SECrobot"
SMS_KEY, SMS_SECRET, SIGN_NAME = "sms-key", "sms-secret", "示范医院"
SENDING = (
    "/robot/send",
    "/messages",
    "/",
    "/cgi-bin/message/send",
    "/topapi/message/corpconversation/asyncsend_v2",
)
OK = {"errcode": 0, "errmsg": "ok"}
BAD_TOKEN = {"errcode": 40014, "errmsg": "invalid access_token"}


def robot_sign(moment: int) -> str:
    """What the robot's signature has to be, as the vendor's documentation computes it."""
    digest = hmac.digest(ROBOT_SECRET.encode(), f"{moment}\n{ROBOT_SECRET}".encode(), "sha256")
    return base64.b64encode(digest).decode()


def aliyun_sign(given: dict[str, str]) -> str:
    """What the signature of a request has to be, as the vendor's documentation computes it."""
    query = urlencode(sorted(given.items()), quote_via=quote, safe="~")
    text = "POST&%2F&" + quote(query, safe="~")
    return base64.b64encode(hmac.digest(f"{SMS_SECRET}&".encode(), text.encode(), "sha1")).decode()


class Vendors:
    """One server that plays all of them. `sent` has what was accepted: (vendor, receiver, body)."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.asked: list[str] = []
        self.faults: deque[tuple[int, dict[str, Any] | str | float]] = deque()
        self.users = {"13800000001": "ding-1", "13800000002": "wx-2"}
        self.codes: dict[str, dict[str, Any]] = {}
        self.members = {"union-1": "ding-1"}
        self.read: set[str] = set()
        # What was told to whom: these vendors drop what they have been given before.
        self.told: dict[tuple[str, str, str], str] = {}
        self.repeated = 0
        self.tokens = 0
        self.token = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def fail(self, status: int, body: dict[str, Any] | str | float) -> None:
        """The next request that sends something gets this answer; a number as body: seconds of silence."""
        self.faults.append((status, body))

    def forget_tokens(self) -> None:
        """The tokens that were given are no longer good."""
        self.token = ""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        vendors = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One segment an answer: two would wait for each other's confirmation on a kept connection.
            wbufsize = -1

            def handle(self) -> None:
                # Whoever asked may be killed at any moment.
                with contextlib.suppress(ConnectionError):
                    super().handle()

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                is_json = "json" in (self.headers.get("Content-Type") or "")
                form = {} if is_json else {name: values[0] for name, values in parse_qs(raw).items()}
                body = json.loads(raw) if raw and is_json else form
                vendors.asked.append(parts.path)
                status, answer = vendors.answer(self.command, parts.path, query, body, dict(self.headers))
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                self.wfile.flush()

        return Handler

    def answer(self, method: str, path: str, query: dict, body: dict, headers: dict) -> tuple[int, Any]:
        """The answer to one request."""
        doors = {
            "/gettoken": self._old_token, "/cgi-bin/gettoken": self._wecom_token, "/robot/send": self._robot,
            "/topapi/message/corpconversation/asyncsend_v2": self._notice, "/cgi-bin/message/send": self._wecom,
            "/topapi/message/corpconversation/getsendresult": self._readers,
            "/topapi/v2/user/getbymobile": self._ding_user, "/cgi-bin/user/getuserid": self._wecom_user,
            "/topapi/user/getbyunionid": self._member,
            "/topapi/v2/user/getuserinfo": self._ding_code, "/cgi-bin/auth/getuserinfo": self._wecom_code,
            "/v1.0/oauth2/userAccessToken": self._user_token, "/v1.0/contact/users/me": self._me,
            "/messages": self._gateway, "/": self._aliyun,
        }  # fmt: skip
        if path not in doors:
            return 404, {"errcode": 404, "errmsg": "no such interface"}
        if self.faults and path in SENDING:
            status, fault = self.faults.popleft()
            if isinstance(fault, float):
                time.sleep(fault)
                return status, OK
            return status, fault
        headers = {name.lower(): value for name, value in headers.items()}
        return doors[path](query, body, headers)

    def _deliver(self, vendor: str, receiver: str, body: dict[str, Any], same: str) -> str:
        """Delivers a message unless one with the same mark has been; the number of the one that was."""
        known = self.told.get((vendor, receiver, same)) if same else None
        if known:
            self.repeated += 1
            return known
        self.sent.append((vendor, receiver, body))
        number = str(7000 + len(self.sent))
        self.told[(vendor, receiver, same)] = number
        return number

    def _new_token(self) -> dict[str, Any]:
        self.tokens += 1
        self.token = f"token-{self.tokens}"
        return {**OK, "access_token": self.token, "expires_in": 7200}

    def _old_token(self, query: dict, *_: Any) -> tuple[int, Any]:
        good = (query.get("appkey"), query.get("appsecret")) == (APP_KEY, APP_SECRET)
        return 200, self._new_token() if good else {
            "errcode": 40089,
            "errmsg": f"bad secret {query.get('appsecret')}",
        }

    def _wecom_token(self, query: dict, *_: Any) -> tuple[int, Any]:
        good = (query.get("corpid"), query.get("corpsecret")) == (CORPORATION, APP_SECRET)
        return 200, self._new_token() if good else {"errcode": 40001, "errmsg": "invalid credential"}

    def _with_token(self, query: dict) -> bool:
        return bool(self.token) and query.get("access_token") == self.token

    def _robot(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        moment = int(query.get("timestamp") or 0)
        good = query.get("sign") == robot_sign(moment)
        if (
            query.get("access_token") != ROBOT_TOKEN
            or not good
            or abs(time.time() * 1000 - moment) > 3_600_000
        ):
            return 200, {"errcode": 310000, "errmsg": "sign not match"}
        if body.get("msgtype") != "markdown" or not body.get("markdown", {}).get("title"):
            return 200, {"errcode": 400901, "errmsg": "no title"}
        self.sent.append(("robot", ",".join(body["at"]["atMobiles"]), body))
        return 200, OK

    def _notice(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        if not self._with_token(query):
            return 200, BAD_TOKEN
        card = (body.get("msg") or {}).get("action_card") or {}
        if str(body.get("agent_id")) != AGENT or not all(
            card.get(name) for name in ("title", "markdown", "single_url")
        ):
            return 200, {"errcode": 33012, "errmsg": "bad message"}
        number = self._deliver("dingtalk", body["userid_list"], body, json.dumps(body["msg"], sort_keys=True))
        return 200, {**OK, "task_id": int(number)}

    def _readers(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        if not self._with_token(query):
            return 200, BAD_TOKEN
        return 200, {**OK, "send_result": {"read_user_id_list": sorted(self.read), "unread_user_id_list": []}}

    def _ding_user(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        if not self._with_token(query):
            return 200, BAD_TOKEN
        user = self.users.get(body.get("mobile", ""))
        return 200, {**OK, "result": {"userid": user}} if user else {
            "errcode": 60121,
            "errmsg": "no such user",
        }

    def _member(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        if not self._with_token(query):
            return 200, BAD_TOKEN
        user = self.members.get(body.get("unionid", ""))
        return 200, {**OK, "result": {"userid": user}} if user else {
            "errcode": 60121,
            "errmsg": "no such user",
        }

    def _wecom_user(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        if not self._with_token(query):
            return 200, BAD_TOKEN
        user = self.users.get(body.get("mobile", ""))
        return 200, {**OK, "userid": user} if user else {"errcode": 46004, "errmsg": "user not found"}

    def _wecom(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        if not self._with_token(query):
            return 200, BAD_TOKEN
        if str(body.get("agentid")) != AGENT or not body.get("textcard", {}).get("url"):
            return 200, {"errcode": 40056, "errmsg": "invalid agentid"}
        unknown = [user for user in body["touser"].split("|") if user not in self.users.values()]
        known = [user for user in body["touser"].split("|") if user not in unknown]
        same = json.dumps(body["textcard"], sort_keys=True) if body.get("enable_duplicate_check") else ""
        numbers = [self._deliver("wecom", user, body, same) for user in known]
        return 200, {**OK, "invaliduser": "|".join(unknown), "msgid": f"w{','.join(numbers)}"}

    def _ding_code(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        found = self.codes.pop(body.get("code", ""), None) if self._with_token(query) else None
        return 200, {**OK, "result": found} if found else {"errcode": 40078, "errmsg": "bad code"}

    def _wecom_code(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        found = self.codes.pop(query.get("code", ""), None) if self._with_token(query) else None
        return 200, {**OK, **found} if found else {"errcode": 40029, "errmsg": "invalid code"}

    def _user_token(self, query: dict, body: dict, _: dict) -> tuple[int, Any]:
        good = (body.get("clientId"), body.get("clientSecret"), body.get("grantType")) == (
            APP_KEY,
            APP_SECRET,
            "authorization_code",
        )
        if not good or body.get("code") not in self.codes:
            return 400, {"code": "invalidParameter", "message": "bad code"}
        return 200, {"accessToken": body["code"], "expireIn": 7200}

    def _me(self, query: dict, body: dict, headers: dict) -> tuple[int, Any]:
        found = self.codes.pop(headers.get("x-acs-dingtalk-access-token", ""), None)
        return (200, found) if found else (401, {"code": "InvalidAuthentication", "message": "bad token"})

    def _gateway(self, query: dict, body: dict, headers: dict) -> tuple[int, Any]:
        signed = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        moment = int(headers.get("x-timestamp") or 0)
        text = f"{moment}\n{headers.get('x-nonce', '')}\n{signed}"
        right = hmac.new(SMS_SECRET.encode(), text.encode(), "sha256").hexdigest()
        if (
            headers.get("x-account") != SMS_KEY
            or headers.get("x-signature") != right
            or abs(time.time() - moment) > 300
        ):
            return 200, {"code": "SIGN", "message": "bad signature"}
        if not body.get("template"):
            return 200, {"code": "TEMPLATE", "message": "no such template"}
        return 200, {"code": "0", "id": "s" + self._deliver("gateway", body["mobile"], body, body["key"])}

    def _aliyun(self, query: dict, body: dict, headers: dict) -> tuple[int, Any]:
        given = dict(body)
        signature = given.pop("Signature", "")
        if given.get("AccessKeyId") != SMS_KEY or signature != aliyun_sign(given):
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "signature does not match"}
        if not given.get("TemplateCode"):
            return 200, {"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "no such template"}
        json.loads(given["TemplateParam"])
        self.sent.append(("aliyun", given["PhoneNumbers"], given))
        return 200, {"Code": "OK", "Message": "OK", "BizId": f"a{len(self.sent)}"}
