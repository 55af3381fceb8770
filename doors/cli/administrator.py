"""The administrator's door as one group; who only reads an order loads neither the engine's client nor the database's."""

from __future__ import annotations

import click

from doors.cli.output import told


class _Administrator(click.Group):
    """Loads the commands of the year when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from doors.cli.starter import starter as year  # noqa: PLC0415  see above

        return year.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "check":
            from doors.cli.checking import check  # noqa: PLC0415  see above

            return check
        if cmd_name in {"import", "deadline"}:
            from doors.cli.reading import deadline, import_order  # noqa: PLC0415  see above

            return import_order if cmd_name == "import" else deadline
        from doors.cli.starter import starter as year  # noqa: PLC0415  see above

        return year.get_command(ctx, cmd_name)


starter = _Administrator(
    help=told(
        "Команды администратора: прочитать приказ, проверить, прожить год пробно, начать и закрыть год.",
        "The administrator's commands: read an order, check, rehearse, start and close a year.",
    )
)
