# mypy: ignore-errors
"""splunk.entity: objects of splunkd as dicts, as older apps read and change them."""

import json
import urllib.parse

import splunk
import splunk.rest

EMPTY_OWNER_NAME = "nobody"


class Entity(dict):
    """One object: its settings, and where it is."""

    def __init__(self, entityPath, entityName, contents=None, namespace=None, owner=None):
        super().__init__(contents or {})
        self.path = entityPath if isinstance(entityPath, str) else "/".join(entityPath)
        self.name = entityName
        self.namespace = namespace
        self.owner = owner
        self.id = None

    @property
    def properties(self):
        return self

    def getFullPath(self):
        return buildEndpoint(self.path, self.name, namespace=self.namespace, owner=self.owner)


def buildEndpoint(entityClass, entityName=None, namespace=None, owner=None, hostPath=None, **kwargs):
    """The path of a collection, or of an object in it."""
    if hostPath:
        splunk.unimplemented("entity.buildEndpoint(hostPath=...)")
    path = entityClass if isinstance(entityClass, str) else "/".join(entityClass)
    parts = [path.strip("/")] + ([urllib.parse.quote(entityName, safe="")] if entityName is not None else [])
    if namespace or owner:
        return "/servicesNS/" + "/".join([urllib.parse.quote(owner or "-"), namespace or "-", *parts])
    return "/services/" + "/".join(parts)


def getEntities(entityPath, namespace=None, owner=None, search=None, count=None, offset=0, sessionKey=None, **kwargs):
    """{name: Entity} of a collection. Raises ResourceNotFound and the other exceptions of splunk."""
    if kwargs:
        splunk.unimplemented(f"entity.getEntities({', '.join(sorted(kwargs))})")
    wanted = {"search": search, "count": count, "offset": offset or None}
    uri = buildEndpoint(entityPath, namespace=namespace, owner=owner)
    found = _read(uri, {name: value for name, value in wanted.items() if value is not None}, sessionKey)
    return {item["name"]: _entity(item, entityPath, namespace, owner) for item in found}


def getEntity(entityPath, entityName, uri=None, namespace=None, owner=None, sessionKey=None, **kwargs):
    """One object. Raises ResourceNotFound."""
    if kwargs:
        splunk.unimplemented(f"entity.getEntity({', '.join(sorted(kwargs))})")
    found = _read(uri or buildEndpoint(entityPath, entityName, namespace=namespace, owner=owner), {}, sessionKey)
    return _entity(found[0], entityPath, namespace, owner)


def setEntity(entity, sessionKey=None, uri=None, **kwargs):
    """Save an object's settings; True when splunkd took them."""
    if kwargs:
        splunk.unimplemented(f"entity.setEntity({', '.join(sorted(kwargs))})")
    settings = {name: value for name, value in entity.items() if not name.startswith("eai:") and value is not None}
    response, content = splunk.rest.simpleRequest(
        uri or entity.getFullPath(), sessionKey=sessionKey, postargs=settings, raiseAllErrors=True
    )
    return response.status in (200, 201)


def _entity(item, path, namespace, owner):
    contents = {**item["content"], "eai:acl": item.get("acl", {})}
    entity = Entity(path, item["name"], contents, namespace, owner)
    entity.id = item.get("id")
    return entity


def _read(path, arguments, sessionKey):
    response, content = splunk.rest.simpleRequest(
        path, sessionKey=sessionKey, getargs={**arguments, "output_mode": "json"}
    )
    if response.status == 404:
        raise splunk.ResourceNotFound(f"{path} was not found")
    if response.status == 403:
        raise splunk.AuthorizationFailed(f"{path} is forbidden")
    if response.status > 399:
        raise splunk.RESTException(response.status, content.decode("utf-8", "replace"))
    return json.loads(content)["entry"]
