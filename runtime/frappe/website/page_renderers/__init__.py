"""Classes that answer the addresses of the website; apps add their own by the hook `page_renderer`."""
