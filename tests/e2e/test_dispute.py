"""A dispute's way on the screen: warning → complaint, read and answered by others → dispute → claim, at a desk and on a phone."""

from __future__ import annotations

from e2e.test_demerit import step

REPORTER, DESK = "zhuren", "tousu"
STORY = "术后切口红肿渗液，家属认为无菌操作不规范，情绪激动。"


def write_warning(visitor, subject: str) -> str:
    """A head of department warns: what happened, to whom, how grave; the warning's number."""
    page = visitor.enter(REPORTER).open("/new/Dispute Warning").page
    visitor.field("subject").fill(subject)
    visitor.choose("level", "橙色", "橙色")
    visitor.field("occurred_at").fill(
        page.evaluate("new Date(Date.now() - 864e5).toISOString().slice(0, 16)")
    )
    if not visitor.field("department").input_value():
        visitor.choose("department", "1001", "普通外科")
    visitor.field("patient_name").fill("测试患者")
    visitor.field("description").fill(STORY)
    visitor.button("保存").click()
    page.wait_for_url(lambda url: "/form/" in url)
    visitor.quiet()
    return page.url.rsplit("/", 1)[-1]


def state(visitor, text: str) -> None:
    visitor.page.locator("[data-step-bar]").get_by_text(text, exact=True).wait_for()


def open_menu(visitor, name: str) -> None:
    """A step that stands in the menu of further steps."""
    visitor.page.locator("[data-step-bar]").get_by_role("button", name="更多操作").click()
    visitor.page.get_by_role("menuitem", name=name).click()


def lead_on(visitor, name: str, kind: str) -> str:
    """Turns a case into the next document and waits on its page; its number."""
    page, before = visitor.page, visitor.page.url
    button = page.locator("[data-step-bar]").get_by_role("button", name=name, exact=True)
    if not button.count():
        open_menu(visitor, name)
    else:
        button.click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    page.wait_for_url(lambda url: url != before and kind.replace(" ", "%20") in url)
    visitor.quiet()
    return page.url.rsplit("/", 1)[-1]


def test_from_a_warning_to_the_payment_of_a_claim(visitor, on_phone, caller) -> None:
    """The head of department has a phone, the office a desk."""
    page = visitor.page
    warning = write_warning(on_phone, "切口感染，家属质疑")
    assert on_phone.overflow() == []
    step(on_phone, "提交")
    state(on_phone, "已提交")

    visitor.enter(DESK).open(f"/form/Dispute Warning/{warning}")
    complaint = lead_on(visitor, "转投诉", "Medical Complaint")
    assert visitor.field("content").input_value() == STORY
    step(visitor, "提交")
    step(visitor, "受理")
    state(visitor, "处理中")
    assert page.locator("[data-clocks]").get_by_text("投诉·需调查核实的投诉向患者反馈").is_visible()

    head = caller(REPORTER).read("medaffairs.face.api.boot")["practitioner"]["name"]
    page.locator("[data-step-bar]").get_by_role("button", name="传阅", exact=True).click()
    visitor.choose("reader_1", head, head)
    page.get_by_role("dialog").locator('[data-fieldname="question"] textarea').fill("请说明当日换药经过")
    visitor.picture("complaint-circulate")
    page.get_by_role("dialog").get_by_role("button", name="传阅", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")

    phone = on_phone.open(f"/form/Medical Complaint/{complaint}").page
    phone.locator("[data-circulation]").get_by_role("button", name="回复", exact=True).click()
    phone.get_by_role("dialog").locator('[data-fieldname="words"] textarea').fill(
        "当日按规范换药，已补充说明。"
    )
    phone.get_by_role("dialog").get_by_role("button", name="回复", exact=True).click()
    phone.get_by_role("dialog").wait_for(state="detached")
    assert on_phone.overflow() == []

    visitor.enter(DESK).open(f"/form/Medical Complaint/{complaint}")
    page.get_by_role("tab", name="传阅").click()
    visitor.says("当日按规范换药，已补充说明。")
    page.get_by_role("tab", name="查阅记录").click()
    viewers = page.locator("[data-viewers]")
    viewers.get_by_role("listitem").first.wait_for()
    visitor.picture("complaint-viewers")
    page.get_by_role("tab", name="投诉告知书").click()
    page.locator("[data-notices]").get_by_role("button", name="出具告知书").click()
    page.get_by_role("dialog").get_by_role("button", name="出具告知书").click()
    page.locator("[data-notices] li").first.wait_for()

    page.get_by_role("tab", name="案件", exact=True).click()
    dispute = lead_on(visitor, "转纠纷", "Medical Dispute")
    step(visitor, "提交")
    step(visitor, "受理")
    state(visitor, "处理中")
    page.get_by_role("tab", name="处理记录").click()
    visitor.picture("dispute-records")
    claim = lead_on(visitor, "发起理赔", "Insurance Claim")
    step(visitor, "报案")
    step(visitor, "提交材料")
    step(visitor, "赔付", amount="52000")
    state(visitor, "已赔付")
    chain = page.locator("[data-chain]")
    assert [number in chain.inner_text() for number in (warning, complaint, dispute, claim)] == [True] * 4
    visitor.picture("claim-paid")
    chain.get_by_role("link").filter(has_text=dispute).click()
    page.wait_for_url(lambda url: dispute in url)
    visitor.quiet()
    assert visitor.field("insurance_paid").input_value().startswith("52000")


def test_a_warning_is_withdrawn_while_nobody_has_taken_it_up(visitor) -> None:
    write_warning(visitor, "撤回的预警")
    step(visitor, "提交")
    state(visitor, "已提交")
    visitor.picture("warning")
    step(visitor, "撤回")
    state(visitor, "草稿")


def test_bad_input_names_its_field_and_loses_nothing(visitor) -> None:
    page = visitor.enter(REPORTER).open("/new/Dispute Warning").page
    visitor.field("subject").fill("填错时间的预警")
    visitor.choose("level", "黄色", "黄色")
    visitor.field("occurred_at").fill("2099-01-01T08:00")
    if not visitor.field("department").input_value():
        visitor.choose("department", "1001", "普通外科")
    visitor.field("patient_name").fill("测试患者")
    visitor.field("description").fill(STORY)
    visitor.button("保存").click()
    page.locator("[data-failure]").get_by_text("发生时间").wait_for()
    assert visitor.field("description").input_value() == STORY


def test_statistics_lead_to_their_cases(visitor) -> None:
    page = visitor.enter(DESK).open("/report/Complaint Statistics?group_by=Source&from_date=2020-01-01").page
    page.locator("tbody tr").first.wait_for()
    visitor.picture("complaint-statistics")
    page.locator("tbody tr").first.locator("a[href*='/list/']").click()
    page.wait_for_url(lambda url: "/list/Medical%20Complaint" in url or "/list/Medical Complaint" in url)
    page.locator("tbody tr").first.wait_for()
