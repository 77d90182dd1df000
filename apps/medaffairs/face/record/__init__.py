"""What stands beside a record on its form: its way, people, mails, prints, a glance at what it links to."""
