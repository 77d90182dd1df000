// lendery: todo_list
