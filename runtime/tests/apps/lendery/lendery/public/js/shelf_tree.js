// lendery: shelf_tree
