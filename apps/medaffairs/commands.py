"""Sub-commands that the app adds to the host's command line."""

from medaffairs.audit.commands import commands as audit_commands
from medaffairs.integration.commands import commands as integration_commands

commands = [*audit_commands, *integration_commands]
