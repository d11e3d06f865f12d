"""``naivenet experiment``: train several configurations with the same seeds, and read what that shows."""

import typer

from service.cli.experiments import changing, creating, reading, watching

app = typer.Typer(help="Find out whether one configuration is really better than another.", no_args_is_help=True)
app.command("create")(creating.create)
app.command("list")(reading.list_experiments)
app.command("watch")(watching.watch)
app.command("result")(reading.result)
app.command("add-seeds")(changing.add_seeds)
app.command("cancel")(changing.cancel)
app.command("delete")(changing.delete)

__all__ = ["app"]
