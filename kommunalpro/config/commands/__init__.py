"""Every command of `kommunalpro`, one module each."""

import typer

from kommunalpro.config.commands.audit import verify_audit
from kommunalpro.config.commands.base_url import rebase
from kommunalpro.config.commands.demo import demo
from kommunalpro.config.commands.index import reindex
from kommunalpro.config.commands.migrate import migrate
from kommunalpro.config.commands.organizations import import_fk_organisation, import_sor
from kommunalpro.config.commands.questionnaire import import_questionnaire
from kommunalpro.config.commands.serve import serve
from kommunalpro.config.commands.token import token
from kommunalpro.config.commands.worker import worker

app = typer.Typer(
    name="kommunalpro",
    help="Kommunal PRO: patient-reported outcomes, with FUT's infrastructure embedded.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    *(serve, migrate, demo, import_questionnaire, import_sor, import_fk_organisation),
    *(worker, token, verify_audit, rebase, reindex),
):
    app.command(name=command.__name__.replace("_", "-"))(command)
