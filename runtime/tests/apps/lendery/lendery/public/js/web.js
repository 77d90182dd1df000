// lendery: web
