"""``naivenet jobs``: start, list, watch and change jobs of a service."""

import typer

from service.cli.jobs import changing, history, reading, starting, watching

app = typer.Typer(help="Start, list, watch, change and delete jobs of a service.", no_args_is_help=True)
app.command("start")(starting.start)
app.command("create", help="The same as `start`.")(starting.start)
app.command("fork")(starting.fork)
app.command("list")(reading.list_jobs)
app.command("show")(reading.show)
app.command("watch")(watching.watch)
app.command("history")(history.history)
app.command("pause")(changing.pause)
app.command("resume")(changing.resume)
app.command("cancel")(changing.cancel)
app.command("cancel-all")(changing.cancel_all)
app.command("save")(changing.save)
app.command("update")(changing.update)
app.command("delete")(changing.delete)
app.command("delete-all")(changing.delete_all)

__all__ = ["app"]
