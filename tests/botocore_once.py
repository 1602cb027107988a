"""botocore, which learns each service anew for each client, learns it once for all clients of this process.

None of this is what a client is told or remembers: descriptions of services as they are on disk, and what is made of
these alone.
"""

from __future__ import annotations

import copy
import threading
from typing import Any, Callable

import pytest
from botocore import hooks, regions
from botocore.client import ClientCreator
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import Loader
from botocore.model import ServiceModel

#: Its parts have no place in botocore's published types.
CREATOR: Any = ClientCreator


def install(patch: pytest.MonkeyPatch) -> None:
    _read_descriptions_once(patch)
    _make_models_once(patch)
    _make_classes_once(patch)
    _make_endpoint_rules_once(patch)
    _copy_handlers_when_they_change(patch)


class _Once:
    """Values by the objects that they are made of, which it keeps: so no other object is taken for one of them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: dict[tuple[int, ...], tuple[Any, Any]] = {}

    def get(self, make: Callable[[], Any], *of: Any) -> Any:
        key = tuple(map(id, of))
        with self._lock:
            if key not in self._made:
                self._made[key] = (of, make())
            return self._made[key][1]


def _read_descriptions_once(patch: pytest.MonkeyPatch) -> None:
    caches: dict[tuple[str, ...], dict[Any, Any]] = {}
    plain = Loader.__init__

    def sharing(self: Any, *arguments: Any, **named: Any) -> None:
        plain(self, *arguments, **named)
        self._cache = caches.setdefault(tuple(self.search_paths), {})

    patch.setattr(Loader, "__init__", sharing)


def _make_models_once(patch: pytest.MonkeyPatch) -> None:
    models, plain = _Once(), CREATOR._load_service_model

    def model(self: Any, service_name: str, api_version: str | None = None) -> ServiceModel:
        description = self._loader.load_service_model(service_name, "service-2", api_version=api_version)
        return models.get(lambda: plain(self, service_name, api_version), description)

    patch.setattr(CREATOR, "_load_service_model", model)


def _make_classes_once(patch: pytest.MonkeyPatch) -> None:
    classes, plain = _Once(), CREATOR._create_client_class

    def client_class(self: Any, service_name: str, service_model: ServiceModel) -> type:
        return classes.get(lambda: plain(self, service_name, service_model), service_model)

    patch.setattr(CREATOR, "_create_client_class", client_class)


def _make_endpoint_rules_once(patch: pytest.MonkeyPatch) -> None:
    providers = _Once()

    def provider(ruleset_data: Any, partition_data: Any, excluded_params: Any = None) -> EndpointProvider:
        return providers.get(
            lambda: EndpointProvider(ruleset_data, partition_data, excluded_params),
            ruleset_data,
            partition_data,
            excluded_params,
        )

    patch.setattr(regions, "EndpointProvider", provider)


def _copy_handlers_when_they_change(patch: pytest.MonkeyPatch) -> None:
    """A client gets a copy of all handlers of its session, and adds a few: it shares what it does not change."""
    trie: Any = vars(hooks)["_PrefixTrie"]
    append, remove = trie.append_item, trie.remove_item

    def share(self: Any) -> Any:
        made = self.__class__()
        made._root = self._root
        return made

    def own(self: Any, key: str) -> None:
        """Nodes on the way to a key become this one's own."""
        current = self._root = _copied(self._root)
        for part in key.split("."):
            if part not in current["children"]:
                return
            mine = current["children"][part] = _copied(current["children"][part])
            current = mine

    def append_item(self: Any, key: str, *of: Any, **named: Any) -> None:
        own(self, key)
        append(self, key, *of, **named)

    def remove_item(self: Any, key: str, value: Any) -> None:
        own(self, key)
        remove(self, key, value)

    patch.setattr(trie, "__copy__", share)
    patch.setattr(trie, "append_item", append_item)
    patch.setattr(trie, "remove_item", remove_item)


def _copied(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "children": dict(node["children"]), "values": copy.copy(node["values"])}
