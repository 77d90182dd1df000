// lendery: todo_calendar
