// lendery: todo
