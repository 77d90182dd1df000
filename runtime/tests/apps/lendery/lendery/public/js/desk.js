// lendery: desk
