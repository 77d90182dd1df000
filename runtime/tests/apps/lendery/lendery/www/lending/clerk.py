no_cache = 1
sitemap = 0


def get_context(context):
    context.title = "Clerk"
