from lendery.trace import note


def execute():
    note("patch", name="never_on_a_new_site")
