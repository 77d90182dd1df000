"""Where files are kept: as the framework keeps them, with a note."""

from frappe.utils import cint

from lendery.trace import note


def before_write_file(file_size=None, **kwargs):
    note("before_write_file", file_size=cint(file_size))


def write_file(file):
    note("write_file", file_name=file.file_name, is_private=cint(file.is_private))
    return file.save_file_on_filesystem()


def delete_file(file, only_thumbnail=False):
    note("delete_file_data_content", file_name=file.file_name, only_thumbnail=bool(only_thumbnail))
    file.delete_file_from_filesystem(only_thumbnail=only_thumbnail)
