"""What one web process changes, the next request to another sees: two real processes, each asked by name."""

from __future__ import annotations

import json

import pytest

from runtime.tests.commands.conftest import PASSWORD, SITE
from runtime.tests.commands.servers import serving

NOTE = "'Article', 'kept'"


@pytest.fixture(scope="module")
def pair(made_bench):
    made_bench.forget()
    with serving(made_bench, 2) as (one, other):
        one.run("frappe.get_doc(doctype='Article', title='kept', price=1).insert() and None")
        one.run(f"frappe.get_doc(doctype='User', email='reader@shop.test', first_name='R', new_password='{PASSWORD}',"
                " send_welcome_email=0).insert() and None")  # fmt: skip
        yield one, other
        one.run("frappe.delete_doc('User', 'reader@shop.test', force=True)")


def seen(pair, question: str, change: str):
    """(what the second process answers before, after) a change in the first."""
    one, other = pair
    # Twice, so that whatever it keeps in memory is kept.
    before = [other.run(question) for _ in range(2)][-1]
    one.run(f"({change}) and None")
    return before, other.run(question)


def test_custom_fields_with_their_columns(pair):
    question = "[bool(frappe.get_meta('Article').get_field('colour')), 'colour' in frappe.get_doc('Article', 'kept').as_dict()]"
    change = "frappe.get_doc(doctype='Custom Field', dt='Article', fieldname='colour', fieldtype='Data', label='Colour').insert()"
    assert seen(pair, question, change) == ([False, False], [True, True])
    one, other = pair
    other.run("frappe.get_doc('Article', 'kept').update({'colour': 'red'}).save() and None")
    assert one.run("frappe.get_list('Article', {'colour': 'red'}, ['name', 'colour'])") == [
        {"name": "kept", "colour": "red"}
    ]
    gone = "frappe.delete_doc('Custom Field', 'Article-colour')"
    assert seen(pair, "bool(frappe.get_meta('Article').get_field('colour'))", gone) == (True, False)


def test_property_setters(pair):
    question = "frappe.get_meta('Article').get_label('price')"
    change = ("frappe.get_doc(doctype='Property Setter', doctype_or_field='DocField', doc_type='Article', field_name='price',"
              " property='label', property_type='Data', value='Cost').insert()")  # fmt: skip
    assert seen(pair, question, change) == ("Price", "Cost")
    undo = "frappe.delete_doc('Property Setter', 'Article-price-label')"
    assert seen(pair, question, undo) == ("Cost", "Price")


def test_new_doctypes_and_their_rows(pair):
    make = ("frappe.get_doc(doctype='DocType', name='Shelf', module='Core', custom=1, autoname='hash',"
            " fields=[dict(fieldname='place', fieldtype='Data', label='Place')],"
            " permissions=[dict(role='System Manager', read=1, write=1, create=1)]).insert()")  # fmt: skip
    assert seen(pair, "frappe.db.exists('DocType', 'Shelf')", make) == (None, "Shelf")
    one, other = pair
    other.run("frappe.get_doc(doctype='Shelf', place='left').insert() and None")
    assert one.run("frappe.get_list('Shelf', pluck='place')") == ["left"]
    one.run("frappe.delete_doc('DocType', 'Shelf')")
    assert "DoesNotExistError" in other.post("shop.web.run", code="frappe.get_meta('Shelf')").text


def test_roles_rules_and_restrictions(pair):
    may = "frappe.has_permission('Article', 'create', user='reader@shop.test')"
    grant = "frappe.get_doc('User', 'reader@shop.test').add_roles('Shop Clerk') or 1"
    assert seen(pair, may, grant) == (False, True)
    assert seen(pair, "'Shop Clerk' in frappe.get_roles('reader@shop.test')", "0") == (True, True)
    rule = "frappe.get_doc(doctype='Custom DocPerm', parent='Article', role='Shop Clerk', read=1, create=0, permlevel=0).insert()"
    assert seen(pair, may, rule) == (True, False)
    undo = "frappe.db.delete('Custom DocPerm', {'parent': 'Article'}) or frappe.clear_cache(doctype='Article') or 1"
    assert seen(pair, may, undo) == (False, True)
    rows = "frappe.get_all('User Permission', {'user': 'reader@shop.test'}) and __import__('frappe.permissions').permissions.get_user_permissions('reader@shop.test')"
    limit = "frappe.get_doc(doctype='User Permission', user='reader@shop.test', allow='Article', for_value='kept').insert()"
    before, after = seen(pair, rows, limit)
    assert not before and after["Article"][0]["doc"] == "kept"
    take = "frappe.get_doc('User', 'reader@shop.test').remove_roles('Shop Clerk') or 1"
    assert seen(pair, may, take) == (True, False)


def test_settings_by_document_and_past_it(pair):
    question = "[frappe.get_system_settings('float_precision'), frappe.get_cached_doc('System Settings').float_precision]"
    by_document = "frappe.get_doc('System Settings').update({'float_precision': '5'}).save()"
    before, after = seen(pair, question, by_document)
    assert before == ["3", "3"] and after == ["5", "5"]
    past_it = "frappe.db.set_single_value('System Settings', 'float_precision', '3') or 1"
    assert seen(pair, question, past_it)[1] == ["3", "3"]
    language = "frappe.get_doc('System Settings').update({'language': 'en'}).save()"
    assert seen(pair, "frappe.get_system_settings('language')", language)[1] == "en"
    seen(pair, "0", "frappe.get_doc('System Settings').update({'language': 'zh'}).save()")


@pytest.mark.parametrize(
    "change",
    [
        f"frappe.db.set_value({NOTE}, 'price', {{price}})",
        f"frappe.db.set_value({NOTE}, 'price', {{price}}, update_modified=False)",
        f"frappe.get_doc({NOTE}).db_set('price', {{price}}, update_modified=False)",
        "frappe.db.set_value('Article', {{'title': 'kept'}}, 'price', {price}, update_modified=False)",
        f"frappe.get_doc({NOTE}).update({{{{'price': {{price}}}}}}).save() and None",
    ],
)
def test_cached_documents(pair, change):
    question = "frappe.get_cached_value('Article', 'kept', 'price')"
    price = pair[0].run(question) + 1
    assert seen(pair, question, f"[{change.format(price=price)}]") == (price - 1, price)


def test_a_silent_write_that_is_undone_is_not_remembered(pair):
    one, _ = pair
    question = "frappe.get_cached_value('Article', 'kept', 'price')"
    before = one.run(question)
    one.run(
        f"[frappe.db.set_value({NOTE}, 'price', 99, update_modified=False), {question}, frappe.db.rollback()]"
    )
    assert one.run(question) == before


def test_values_of_the_cache(pair):
    question = "[frappe.cache.get_value('shop'), frappe.cache.hget('shop hash', 'a'), frappe.cache.lrange('shop list', 0, -1)]"
    change = "[frappe.cache.set_value('shop', {'a': 1}), frappe.cache.hset('shop hash', 'a', 2), frappe.cache.rpush('shop list', 'x')]"
    before, after = seen(pair, question.replace("lrange('shop list', 0, -1)", "llen('shop list')"), change)
    assert before == [None, None, 0] and after == [{"a": 1}, 2, 1]
    one, other = pair
    assert one.run("frappe.cache.delete_value('shop')") is None
    assert other.run("frappe.cache.get_value('shop')") is None
    counts = [server.run("frappe.cache.incrby(frappe.cache.make_key('shop count'), 1)") for server in (one, other, one)]  # fmt: skip
    assert counts == [1, 2, 3]
    one.run("frappe.clear_cache()")
    assert other.run("frappe.cache.hget('shop hash', 'a')") is None


def test_answers_that_functions_remember(pair):
    one, other = pair
    question = "[shared_answer(7), own_answer()]"
    one.run("frappe.db.set_default('shop_answer', 'old')")
    one.run("frappe.clear_cache()")
    assert other.run(question) == one.run(question) == [[7, "old"], "old"]
    assert len(one.run("calls")) + len(other.run("calls")) == 1, "the second process made it again"
    one.run(
        "frappe.db.sql(\"update tabDefaultValue set defvalue = 'new' where defkey = 'shop_answer'\") or 1"
    )
    assert other.run(question) == [[7, "old"], "old"]
    one.run("shared_answer.clear_cache()")
    assert other.run("shared_answer(7)") == [7, "new"]
    one.run("frappe.clear_cache()")
    assert other.run(question) == [[7, "new"], "new"]


def test_translations(pair):
    question = "frappe._('Shop word', lang='zh')"
    change = "frappe.get_doc(doctype='Translation', language='zh', source_text='Shop word', translated_text='店').insert()"
    assert seen(pair, question, change) == ("Shop word", "店")


def test_defaults_and_shares(pair):
    assert seen(pair, "frappe.db.get_default('shop_x')", "frappe.db.set_default('shop_x', 'y') or 1") == (
        None,
        "y",
    )
    may = "frappe.has_permission('Article', 'read', doc=frappe.get_doc('Article', 'kept'), user='reader@shop.test')"
    share = "__import__('frappe.share').share.add('Article', 'kept', 'reader@shop.test', read=1)"
    seen(pair, "0", "frappe.db.delete('User Permission') or frappe.clear_cache() or 1")
    assert seen(pair, may, share) == (False, True)


def test_configuration_files(pair, made_bench):
    question = "frappe.conf.get('shop_setting')"
    _, other = pair
    assert other.run(question) is None
    made_bench.ok("set-config", "shop_setting", "on")
    assert other.run(question) == "on"
    common = made_bench.sites / "common_site_config.json"
    known = json.loads(common.read_text()) if common.exists() else {}
    common.write_text(json.dumps({**known, "shop_common": 1}))
    assert other.run("frappe.conf.get('shop_common')") == 1


def test_an_app_that_is_installed_meanwhile(pair, made_bench):
    _, other = pair
    folder = made_bench.root / "apps/stall"
    folder.mkdir()
    (folder / "__init__.py").write_text("__version__ = '1'\n")
    (folder / "modules.txt").write_text("")
    (folder / "hooks.py").write_text("app_name = 'stall'\nstall_hook = ['stall.there']\n")
    assert other.run("frappe.get_hooks('stall_hook')") == []
    made_bench.ok("install-app", "stall")
    assert other.run("[frappe.get_hooks('stall_hook'), frappe.get_installed_apps()]") == [
        ["stall.there"], ["frappe", "shop", "stall"]
    ]  # fmt: skip
    made_bench.ok("uninstall-app", "stall", "--yes")
    assert other.run("frappe.get_hooks('stall_hook')") == []


def test_an_error_is_logged_although_its_request_is_undone(pair):
    one, other = pair
    assert one.post("shop.web.log_and_fail").status_code == 417
    assert other.run("frappe.get_all('Error Log', {'method': 'Failed on purpose'}, pluck='error')") == [
        "details"
    ]
    assert other.run("frappe.db.exists('Article', 'undone')") is None


def test_the_site_is_the_one_that_was_meant(pair):
    assert [server.run("frappe.local.site") for server in pair] == [SITE, SITE]
