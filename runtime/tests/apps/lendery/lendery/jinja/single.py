"""One function, named in the hook by itself."""


def shout(text):
    return f"{text.upper()}!"
