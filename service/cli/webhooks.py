"""``naivenet webhooks``: register, list, test and delete webhooks, and show their deliveries."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli import output
from service.cli.connection import Service, calls_service
from service.cli.jobs.reading import Limit
from service.domain.webhook import ENDS, WebhookEvent

if TYPE_CHECKING:
    from naivenet_client import Webhook

app = typer.Typer(help="Register, list, test and delete webhooks.", no_args_is_help=True)

WebhookId = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The webhook's id, hook_...")]


@app.command("list")
@calls_service
def list_webhooks(service: Service) -> None:
    """List all webhooks, newest first."""
    with service.connect() as client:
        service.print_list(client.webhooks.list(), ("id", "url", "events"), _row)


@app.command()
@calls_service
def create(
    service: Service,
    target: Annotated[str, typer.Argument(metavar="URL", help="The URL that receives the events.")],
    *,
    event: Annotated[
        list[WebhookEvent] | None, typer.Option(help="An event; by default all ends of jobs. Repeatable.")
    ] = None,
    job: Annotated[str | None, typer.Option(help="Only the events of this job.")] = None,
    group: Annotated[str | None, typer.Option(help="Only the events of this group's jobs.")] = None,
) -> None:
    """Register a webhook, and print the secret that signs its deliveries. It is shown only once."""
    events: Any = [str(each) for each in event or ENDS]
    with service.connect() as client:
        webhook = client.webhooks.create(target, events=events, job_id=job, group=group)
    if not service.as_json:
        typer.echo(f"{webhook.id} for {webhook.url}. Copy the secret now, it is not shown again:", err=True)
    service.print_result(webhook.secret or "")


@app.command()
@calls_service
def show(service: Service, webhook_id: WebhookId) -> None:
    """Show a webhook: as text on a terminal, otherwise as JSON."""
    with service.connect() as client:
        found = client.webhooks.get(webhook_id)
        filters = {"job": found.job_id, "group": found.group}
        service.print_fields(
            {
                "id": found.id,
                "url": found.url,
                "events": _events(found),
                **filters,
                "enabled": "yes" if found.enabled else "no",
                "created": found.created_at,
            }
        )


@app.command()
@calls_service
def deliveries(service: Service, webhook_id: WebhookId, *, limit: Limit = 20) -> None:
    """List the newest deliveries of a webhook, with the error of the last attempt."""
    header = ("id", "event", "state", "attempts", "error")
    with service.connect() as client:
        found = client.webhooks.get(webhook_id).deliveries(limit=limit)
        service.print_list(found, header, lambda each: (each.id, each.type, each.state, each.attempts, each.last_error))


@app.command()
@calls_service
def update(
    service: Service,
    webhook_id: WebhookId,
    *,
    target: Annotated[str | None, typer.Option("--target", help="Another URL for the events.")] = None,
    event: Annotated[
        list[WebhookEvent] | None, typer.Option(help="An event, in place of the present ones. Repeatable.")
    ] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether events are enqueued and sent.")
    ] = None,
) -> None:
    """Change a webhook: its URL, its events, or whether it is enabled."""
    events: Any = [str(each) for each in event or ()] or None
    if (target, events, enabled) == (None, None, None):
        raise typer.BadParameter("give --target, --event, --enable or --disable")
    with service.connect() as client:
        found = client.webhooks.get(webhook_id).update(url=target, events=events, enabled=enabled)
        service.print_result(f"{found.id}: updated")


@app.command()
@calls_service
def redeliver(
    service: Service,
    webhook_id: WebhookId,
    delivery_id: Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id, msg_...")],
) -> None:
    """Send a delivery once more, and print its state."""
    with service.connect() as client:
        service.print_result(client.webhooks.get(webhook_id).redeliver(delivery_id).state)


@app.command()
@calls_service
def test(service: Service, webhook_id: WebhookId) -> None:
    """Send a test event to a webhook, and print the id of the delivery."""
    with service.connect() as client:
        service.print_result(client.webhooks.get(webhook_id).test().id)


@app.command()
@calls_service
def delete(service: Service, webhook_id: WebhookId) -> None:
    """Delete a webhook with its pending deliveries."""
    with service.connect() as client:
        client.webhooks.get(webhook_id).delete()
    if service.as_json:
        output.print_json({"id": webhook_id, "deleted": True})


def _row(webhook: "Webhook") -> tuple[object, ...]:
    return webhook.id, webhook.url, _events(webhook)


def _events(webhook: "Webhook") -> str:
    return " ".join(webhook.events)
