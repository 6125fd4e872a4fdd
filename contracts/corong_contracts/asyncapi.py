"""The AsyncAPI 3.0 document: every subject, what it carries, who sends and who receives. Generated, never edited."""

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from corong_contracts import topology
from corong_contracts.base import SERVICES, Payload
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.command import COMMANDS, Command, DeadLetters, Reply

_SCHEMAS = "../contracts/corong_contracts/schemas/"
_PARTITION = {"description": "The writer's partition, two digits or more from 00.", "examples": ["07"]}
Node = dict[str, Any]


def document(tree: Path) -> Node:
    """The document for the source tree `tree`; its schemas are references to the committed files."""
    distribution = tomllib.loads((tree / "contracts" / "pyproject.toml").read_text())["project"]
    parts = [_event(payload) for payload in CATALOGUE.values()]
    parts += [_command(command.service, command) for command in COMMANDS]
    parts += [_dead_letters(service) for service in SERVICES]
    parts += [
        _inbound(),
        *(_head(writer) for writer in topology.WRITERS),
        *(_resend(writer) for writer in topology.WRITERS),
        _covered(),
        _lent(),
    ]
    document: Node = {
        "asyncapi": "3.0.0",
        "id": "urn:corong",
        "info": {
            "title": "Corong",
            "version": distribution["version"],
            "description": distribution["description"],
            "license": {"name": distribution["license"]},
        },
        "defaultContentType": "application/json",
        "channels": {},
        "operations": {},
        "components": {"messages": {}},
        "x-streams": [asdict(stream) for stream in topology.STREAMS],
        "x-users": {user: asdict(topology.permissions_of(user)) for user in topology.USERS},
    }
    for channels, operations, messages in parts:
        document["channels"] |= channels
        document["operations"] |= operations
        document["components"]["messages"] |= messages
    return document


Part = tuple[Node, Node, Node]
"""Channels, operations and messages of one subject."""


def _event(payload: type[Payload]) -> Part:
    name = f"{payload.noun}.{payload.verb}"
    message = f"{name}.v{payload.version}"
    channel = {
        "address": f"corong.event.{payload.writer}.{{partition}}.{name}",
        "parameters": {"partition": _PARTITION},
        "messages": _messages(message),
        "x-stream": topology.EVENTS.name,
    }
    operations = {f"{payload.writer}.sends.{message}": _operation("send", name, payload.writer)}
    for reader, writers in topology.READS.items():
        if payload.writer in writers:
            operations[f"{reader}.receives.{message}"] = {
                **_operation("receive", name, reader),
                "x-consumer": topology.consumer_name(reader),
            }
    headers = {
        "type": "object",
        "properties": {"Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "The event's id."}},
    }
    return {name: channel}, operations, {message: {**_message(message, payload, f"{message}.json"), "headers": headers}}


def _command(service: str, command: type[Command]) -> Part:
    name = f"command.{command.name}"
    askers = [user for user in topology.ASKS if topology.may_ask(user, command.nats_subject())]
    return _request(name, command.nats_subject(), service, askers, command, f"commands/{command.name}.json")


def _dead_letters(service: str) -> Part:
    askers = [user for user in topology.ASKS if topology.may_ask(user, f"corong.command.{service}.dead.list")]
    channels, operations, messages = _request(
        f"command.{service}.dead",
        f"corong.command.{service}.dead.{{verb}}",
        service,
        askers,
        DeadLetters,
        "commands/dead.json",
    )
    channels[f"command.{service}.dead"]["parameters"] = {"verb": {"enum": list(DeadLetters.VERBS)}}
    return channels, operations, messages


def _request(name: str, address: str, service: str, askers: list[str], model: type[BaseModel], schema: str) -> Part:
    answer = f"{name}.reply"
    channels = {
        name: {"address": address, "messages": _messages(name)},
        answer: {"address": None, "messages": _messages("reply")},
    }
    reply = {"reply": {"address": {"location": "$message.header#/reply"}, "channel": {"$ref": f"#/channels/{answer}"}}}
    operations = {f"{service}.receives.{name}": {**_operation("receive", name, service), **reply}}
    for asker in askers:
        operations[f"{asker}.sends.{name}"] = {**_operation("send", name, asker), **reply}
    request = _message(name, model, "commands/request.json")
    request["payload"]["schema"] = {
        "allOf": [request["payload"]["schema"], {"properties": {"data": {"$ref": _SCHEMAS + schema}}}]
    }
    return channels, operations, {name: request, "reply": _message("reply", Reply, "commands/reply.json")}


def _inbound() -> Part:
    channels = {
        "inbound": {
            "address": topology.inbound_subject("{channel}", "{account}"),
            "parameters": {"channel": {"examples": ["email"]}, "account": {"examples": ["email-ppid"]}},
            "messages": _messages("inbound"),
            "x-stream": topology.INBOUND.name,
        },
        "inbound.receipt": {"address": None, "messages": _messages("receipt")},
    }
    reply = {"reply": {"channel": {"$ref": "#/channels/inbound.receipt"}}}
    operations = {
        "channels.sends.inbound": {**_operation("send", "inbound", "channels"), **reply},
        "intake.receives.inbound": {
            **_operation("receive", "inbound", "intake"),
            **reply,
            "x-consumer": topology.consumer_name("intake", topology.INBOUND.name),
        },
    }
    messages = {
        "inbound": _message("inbound", InboundMessage, "channel/inbound_message.json"),
        "receipt": _message("receipt", Receipt, "channel/receipt.json"),
    }
    return channels, operations, messages


def _head(writer: str) -> Part:
    name = f"head.{writer}"
    operations = {f"{writer}.sends.{name}": _operation("send", name, writer)}
    for reader in _readers(writer):
        operations[f"{reader}.receives.{name}"] = _operation("receive", name, reader)
    summary = "The last number of each of this writer's partitions, told again and again."
    return {name: {"address": topology.head_subject(writer), "messages": {}, "summary": summary}}, operations, {}


def _resend(writer: str) -> Part:
    name = f"resend.{writer}"
    operations = {f"{writer}.receives.{name}": _operation("receive", name, writer)}
    for reader in _readers(writer):
        operations[f"{reader}.sends.{name}"] = _operation("send", name, reader)
    summary = "A reader asks this writer to send again from a number on."
    return {name: {"address": topology.resend_subject(writer), "messages": {}, "summary": summary}}, operations, {}


def _covered() -> Part:
    operations = {"auditing.sends.covered": _operation("send", "covered", "auditing")}
    for writer in topology.WRITERS:
        operations[f"{writer}.receives.covered"] = _operation("receive", "covered", writer)
    summary = "How far each writer's numbers are in the log, under a signed checkpoint; signed by the log's key."
    return {"covered": {"address": topology.COVERED, "messages": {}, "summary": summary}}, operations, {}


def _lent() -> Part:
    operations = {"auditing.receives.lent": _operation("receive", "lent", "auditing")}
    for writer in topology.WRITERS:
        operations[f"{writer}.sends.lent"] = _operation("send", "lent", writer)
    summary = "A writer asks the log for events of its own that it has let go of."
    return {"lent": {"address": topology.LENT, "messages": {}, "summary": summary}}, operations, {}


def _readers(writer: str) -> list[str]:
    return [reader for reader, writers in topology.READS.items() if writer in writers]


def _operation(action: str, channel: str, service: str) -> Node:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "x-service": service}


def _messages(name: str) -> Node:
    return {name: {"$ref": f"#/components/messages/{name}"}}


def _message(name: str, model: type[BaseModel], schema: str) -> Node:
    return {
        "name": name,
        "title": model.__name__,
        "summary": (model.__doc__ or "").strip().split("\n")[0],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": _SCHEMAS + schema},
        },
    }
