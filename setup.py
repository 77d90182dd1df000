"""Packages the app for bench: the import package lives behind the `medaffairs` link at the root.

bench looks for `<repo>/<app>/hooks.py`, while the source keeps every app under `apps/`; the link and this
mapping let both be true, and make an editable install resolve to the path that Frappe expects.
"""

from setuptools import find_packages, setup

setup(
    package_dir={"": "."},
    packages=find_packages(include=["medaffairs", "medaffairs.*"]),
    include_package_data=True,
)
