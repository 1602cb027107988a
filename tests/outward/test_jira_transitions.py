"""Moving, linking and following tickets over real HTTP, against the stand-in of both Jiras."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from outward_clients import DOCUMENT, new_ticket, tickets_of
from responder.errors import ConfigurationError, Curable, NotFound, NotPermitted, UnknownOutcome
from responder.jira.client import Tickets
from responder.jira.transitions import Standing
from responder.settings.ticket_life import Target, TicketLife

from sandbox.jira import JiraStandIn
from sandbox.jira.model import TRANSITIONS, CustomField, ScreenField, Transition

DONE = Target("done", "Status when contained")
RESOLUTION = ScreenField("resolution", "Resolution", True)
CAUSE = ScreenField("customfield_10050", "Cause", True)
DECLINE = {"41": Transition("Decline", ("10000", "10001"), "10003")}


def workflow(jira: JiraStandIn, ways: dict[str, Transition]) -> None:
    jira.projects["SEC"] = replace(jira.projects["SEC"], transitions=ways)


def a_ticket(jira: JiraStandIn) -> tuple[Tickets, str]:
    tickets = tickets_of(jira)
    return tickets, tickets.create(new_ticket()).id


def moved(tickets: Tickets, number: str, target: Target) -> Standing:
    standing = tickets.transitions.standing(number)
    tickets.transitions.go(standing, tickets.transitions.way(standing, target))
    return tickets.transitions.standing(number)


def test_a_ticket_is_moved_by_category_and_comes_back(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira)
    done = moved(tickets, number, DONE)
    assert (done.name, done.category, jira.issue("SEC-1").raw["resolution"]) == ("Done", "done", "10000")
    assert moved(tickets, number, Target("To Do", "")).is_open
    assert jira.issue("SEC-1").raw["resolution"] is None
    assert jira.unknown_requests == []


def test_who_has_moved_it_last_is_told_by_the_changelog(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira)
    us = tickets.transitions.us()
    assert tickets.transitions.standing(number).was_left_by(us), "it was created so"
    assert moved(tickets, number, DONE).was_left_by(us)
    jira.move("SEC-1", "In Progress")
    assert not tickets.transitions.standing(number).was_left_by(us)
    jira.move("SEC-1", "Done")
    assert tickets.transitions.standing(number).was_left_by(us), "it is where we have left it"


def test_a_ticket_that_a_person_moved_before_we_ever_did_is_not_ours_to_move(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira)
    jira.move("SEC-1", "In Progress")
    assert not tickets.transitions.standing(number).was_left_by(tickets.transitions.us())
    jira.move("SEC-1", "To Do")
    assert tickets.transitions.standing(number).was_left_by(tickets.transitions.us())


def test_a_move_is_found_again_by_what_came_before_it(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira)
    us, before = tickets.transitions.us(), tickets.transitions.standing(number)
    way = tickets.transitions.way(before, DONE)
    assert not before.was_moved_by(us, before.last_entry, way.status)
    jira.faults.add("reset_after", path="/transitions", method="POST")
    with pytest.raises(UnknownOutcome):
        tickets.transitions.go(before, way)
    after = tickets.transitions.standing(number)
    assert after.was_moved_by(us, before.last_entry, way.status)
    assert not after.was_moved_by(us, after.last_entry, way.status), "an earlier move is no later one"
    jira.move("SEC-1", "To Do")
    jira.move("SEC-1", "Done")
    assert not tickets.transitions.standing(number).was_moved_by(us, after.last_entry, way.status), "a person did that"


def test_a_long_changelog_is_read_to_its_beginning(cloud: JiraStandIn) -> None:
    tickets, number = a_ticket(cloud)
    cloud.move("SEC-1", "In Progress")
    for count in range(120):
        cloud.move("SEC-1", ("To Do", "In Progress")[count % 2])
    standing = tickets.transitions.standing(number)
    assert (len(standing.moves), standing.name) == (121, "In Progress")
    assert not standing.was_left_by(tickets.transitions.us())


def test_among_several_statuses_of_a_category_the_setting_decides(jira: JiraStandIn) -> None:
    workflow(jira, {**TRANSITIONS, **DECLINE})
    tickets, number = a_ticket(jira)
    standing = tickets.transitions.standing(number)
    assert tickets.transitions.way(standing, DONE).status_name == "Done", "of several, the one that is called so"
    assert tickets.transitions.way(standing, Target("declined", "")).name == "Decline"
    assert tickets.transitions.way(standing, Target("Decline", "")).status_name == "Declined"
    workflow(jira, {"31": Transition("Resolve", ("10000",), "10002"), "32": Transition("Decline", ("10000",), "10003")})
    ways = {"31": Transition("Start", ("10000",), "10001"), "32": Transition("Hand over", ("10000",), "10001")}
    workflow(jira, ways)
    assert tickets.transitions.way(standing, Target("in progress", "")).name == "Start", "two ways to one status"


@pytest.mark.parametrize(
    ("ways", "target", "problem"),
    [
        pytest.param(
            {"1": Transition("Start", ("10000",), "10001")},
            DONE,
            r"no transition leads from 'To Do'.* to 'done'; there are Start \(to In Progress\).*Status when contained",
            id="no way",
        ),
        pytest.param(
            {"1": Transition("Merge", ("10000",), "10002"), "2": Transition("Merge", ("10000",), "10003")},
            Target("Merge", "Status when excused"),
            r"several transitions lead .* there are Merge \(to Done\), Merge \(to Declined\).*Status when excused",
            id="several ways",
        ),
        pytest.param({}, DONE, r"no transition from its status 'To Do'.*permission Transition issues", id="no right"),
        pytest.param(
            {"1": Transition("Close", ("10000",), "10002", (RESOLUTION, CAUSE))},
            Target("done", "Status when contained", ("Fixed",)),
            r"'Close' of ticket SEC-1 requires fields that nobody fills: Cause \(customfield_10050\)",
            id="a field that nobody fills",
        ),
        pytest.param(
            {"1": Transition("Close", ("10000",), "10002", (RESOLUTION,))},
            DONE,
            r"nobody fills: Resolution \(resolution: Done, Won't Do, .*\)\..*A resolution can be set on the Jira",
            id="no resolution set",
        ),
        pytest.param(
            {"1": Transition("Close", ("10000",), "10002", (RESOLUTION,), resolutions=("Won't Do",))},
            Target("done", "Status when contained", ("Fixed", "Done")),
            r"cannot have the resolution 'Fixed, Done'; there are Won't Do",
            id="a resolution that is not offered",
        ),
    ],
)
def test_what_cannot_be_decided_is_named(
    jira: JiraStandIn, ways: dict[str, Transition], target: Target, problem: str
) -> None:
    workflow(jira, ways)
    tickets, number = a_ticket(jira)
    with pytest.raises(Curable, match=problem):
        tickets.transitions.way(tickets.transitions.standing(number), target)
    assert jira.issue("SEC-1").status == "To Do"


def test_what_the_ticket_has_already_nobody_needs_to_fill(jira: JiraStandIn) -> None:
    """As a summary, or a field that was required when the ticket was created."""
    screen = (RESOLUTION, CAUSE, ScreenField("summary", "Summary", True))
    jira.projects["SEC"] = replace(jira.projects["SEC"], custom_fields=(CustomField(CAUSE.id, CAUSE.name),))
    workflow(jira, {"1": Transition("Close", ("10000",), "10002", screen)})
    tickets, number = a_ticket(jira)
    target = Target("done", "Status when contained", ("Done",))
    with pytest.raises(Curable, match=r"nobody fills: Cause \(customfield_10050\)\."):
        moved(tickets, number, target)
    with jira.effects:
        issue = jira.store.issue("SEC-1")
        assert issue is not None
        jira.store.save_issue({**issue, "custom": {CAUSE.id: "A leaked key"}})
    assert moved(tickets, number, target).name == "Done"


@pytest.mark.parametrize(
    ("required", "fields", "said"),
    [
        (True, (), ["Moved by CloudTrail Responder (Status when contained)."]),
        (True, (("COMMENT", "Contained.\n{panel} [~bob] {noformat}"),), ["Contained.", "bob"]),
        (False, (("comment", "Contained."),), ["Contained."]),
        (False, (), []),
    ],
)
def test_the_comment_of_a_screen_is_written_as_one_that_only_agents_read(
    jira: JiraStandIn, required: bool, fields: Any, said: list[str]
) -> None:
    workflow(jira, {"1": Transition("Close", ("10000",), "10002", (ScreenField("comment", "Comment", required),))})
    tickets, number = a_ticket(jira)
    target = Target("done", "Status when contained", fields=fields)
    assert moved(tickets, number, target).name == "Done" and jira.unknown_requests == []
    comments = jira.issue("SEC-1").comments
    assert len(comments) == bool(said) and all(part in comment for part in said for comment in comments)
    sent = [request.body for request in jira.requests if request.path.endswith("/transitions") and request.body]
    internal = "sd.public.comment" in str(sent)
    assert internal == bool(said) and (jira.cloud or "{panel}" not in str(sent))


ASSET = ScreenField("customfield_10054", "Affected service", True, "cmdb-object-cftype")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ((), r"nobody fills: Affected service \(customfield_10054: objects of Assets, which the app cannot fill\)\."),
        ((("Affected service", "CMDB-1"),), r"field 'Affected service .*takes objects of Assets, which the app cannot"),
    ],
)
def test_a_field_of_assets_is_named_in_one_line(jira: JiraStandIn, fields: Any, problem: str) -> None:
    workflow(jira, {"1": Transition("Close", ("10000",), "10002", (ASSET,))})
    tickets, number = a_ticket(jira)
    with pytest.raises(Curable, match=problem) as refused:
        moved(tickets, number, Target("done", "Status when contained", fields=fields))
    assert "\n" not in str(refused.value) and jira.issue("SEC-1").status == "To Do"
    jira.projects["SEC"] = replace(jira.projects["SEC"], custom_fields=(replace(ASSET.field, required=True),))
    with pytest.raises(Curable, match=r"does not fill: Affected service \(customfield_10054\): objects of Assets"):
        tickets_of(jira).create(new_ticket())


ROOT = ScreenField("customfield_10051", "Root cause", True, "select", ("Attack", "Mistake"))
AREA = ScreenField("customfield_10052", "Area", True, "cascadingselect", ("AWS > Production", "Office"))
OWNER = ScreenField("customfield_10053", "Owner", False, "userpicker")


def test_fields_of_the_screen_are_filled_that_the_ticket_has_not(jira: JiraStandIn) -> None:
    screen = (RESOLUTION, CAUSE, ROOT, AREA, OWNER)
    known = tuple(replace(one.field, required=False) for one in screen[1:])
    jira.projects["SEC"] = replace(jira.projects["SEC"], custom_fields=known)
    workflow(jira, {"1": Transition("Close", ("10000",), "10002", screen)})
    tickets, number = a_ticket(jira)
    with jira.effects:
        issue = jira.store.issue("SEC-1")
        assert issue is not None
        jira.store.save_issue({**issue, "custom": {CAUSE.id: "What a person has found"}})
    alice = "alice@example.com" if jira.cloud else "alice"
    fields = (("Cause", "An attack"), ("root CAUSE", "attack"), (AREA.id, "AWS > Production"), ("Owner", alice))
    target = Target("done", "Status when contained", ("Done",), fields=(*fields, ("Somewhere else", "x")))
    assert moved(tickets, number, target).name == "Done"
    stored = jira.issue("SEC-1").raw["custom"]
    assert (stored[CAUSE.id], stored[ROOT.id]["value"]) == ("What a person has found", "Attack")
    assert (stored[AREA.id]["child"]["value"], len(stored[OWNER.id])) == ("Production", 1)
    assert jira.unknown_requests == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ((), r"nobody fills: Root cause \(customfield_10051: Attack, Mistake\)\. Enter a line for each as 'Fields"),
        ((("Root cause", "[~bob] {x}"),), r"SEC-1 cannot be moved, because the field 'Root cause .*takes no .*Attack"),
    ],
    ids=["nothing entered", "no such option"],
)
def test_what_a_required_field_takes_is_said(jira: JiraStandIn, fields: Any, problem: str) -> None:
    workflow(jira, {"1": Transition("Close", ("10000",), "10002", (ROOT,))})
    tickets, number = a_ticket(jira)
    with pytest.raises(Curable, match=problem):
        moved(tickets, number, Target("done", "Status when contained", fields=fields))
    assert jira.issue("SEC-1").status == "To Do"


def test_the_first_resolution_that_is_offered_is_set(jira: JiraStandIn) -> None:
    screen = (RESOLUTION, ScreenField("customfield_10050", "Cause"))
    offered = ("Won't Do", "Fixed")
    workflow(jira, {"1": Transition("Close", ("10000",), "10002", screen, "", offered)})
    tickets, number = a_ticket(jira)
    moved(tickets, number, Target("done", "", ("Resolved", "fixed", "Won't Do")))
    assert jira.issue("SEC-1").raw["resolution"] == "10003"


def test_a_ticket_that_was_moved_to_another_project_is_followed_by_its_id(jira: JiraStandIn) -> None:
    tickets, number = a_ticket(jira)
    assert jira.relocate("SEC-1", "OPS") == "OPS-1"
    assert (tickets.status(number).key, tickets.status("SEC-1").key) == ("OPS-1", "OPS-1")
    tickets.comment(number, DOCUMENT, "m")
    assert len(jira.issue("OPS-1").comments) == 1
    assert tickets.find_comment(number, "m", 0.0) is not None
    assert tickets.transitions.standing(number).key == "OPS-1"
    jira.delete("OPS-1")
    with pytest.raises(NotFound):
        tickets.status(number)
    with pytest.raises(NotFound):
        tickets.transitions.standing(number)


@pytest.mark.parametrize("name", ["../myself", "1/../../myself", "SEC-1/comment", "１２", "", "9" * 19])
def test_what_is_neither_key_nor_id_reaches_no_address(jira: JiraStandIn, name: str) -> None:
    with pytest.raises(NotFound):
        tickets_of(jira).status(name)
    assert jira.requests == []


def test_tickets_are_linked_once_and_a_type_that_is_missing_is_named(jira: JiraStandIn) -> None:
    tickets, old = a_ticket(jira)
    new = tickets.create(new_ticket(marker="2")).id
    kind = tickets.links.type_named("relates")
    assert not tickets.links.are_linked(new, old, kind)
    for _ in range(2):
        tickets.links.link(new, old, kind)
    assert tickets.links.are_linked(new, old, kind) and tickets.links.are_linked(old, new, kind)
    assert jira.links("SEC-1") == [("Relates", "SEC-2", "SEC-1")]
    with pytest.raises(Curable, match=r"no issue link type 'Caused'; there are Blocks, Duplicate, Relates"):
        tickets.links.type_named("Caused")
    jira.projects["SEC"] = replace(jira.projects["SEC"], may_link=False)
    with pytest.raises(NotFound):
        tickets.links.link(new, old, kind)
    jira.faults.add("status", path="/issueLinkType", status=404, body={"errorMessages": ["Issue linking is disabled."]})
    with pytest.raises(Curable, match=r"Issue linking is disabled\. Switch issue linking on in Jira"):
        tickets_of(jira).links.type_named("Relates")


@pytest.mark.parametrize(
    ("life", "right", "title"),
    [
        ({"contained_status": "done"}, "may_transition", "Transition issues"),
        ({"excused_status": "done"}, "may_transition", "Transition issues"),
        ({"reopen_days": 7}, "may_transition", "Transition issues"),
        ({"link_type": "Relates"}, "may_link", "Link issues"),
    ],
)
def test_saving_names_the_permission_that_an_option_lacks(
    jira: JiraStandIn, life: dict[str, Any], right: str, title: str
) -> None:
    lacking: dict[str, Any] = {right: False}
    jira.projects["SEC"] = replace(jira.projects["SEC"], **lacking)
    tickets_of(jira).check()
    with pytest.raises(NotPermitted, match=f"lacks the permission {title} in 'SEC'"):
        tickets_of(jira, life=TicketLife(**life)).check()


@pytest.mark.parametrize(
    ("life", "problem"),
    [
        ({"link_type": "Caused"}, "no issue link type 'Caused'"),
        ({"organizations": ("Nobody",)}, "is no 'Nobody'"),
        ({"moved_fields": (("Nowhere", "x"),)}, "'Fields when moved' names 'Nowhere', and the site has no such field"),
    ],
)
def test_saving_names_what_jira_does_not_have(jira: JiraStandIn, life: dict[str, Any], problem: str) -> None:
    with pytest.raises((Curable, ConfigurationError), match=problem):
        tickets_of(jira, life=TicketLife(**life), default_project="DESK").check()


# An open ticket of the case, whoever has asked for it

ANOTHER = "c0ffee.ticket.0123456789abcdef"


def test_an_open_ticket_of_a_case_is_found_by_its_label_and_told_by_its_marker(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    assert tickets.find_open("c0ffee", "SEC") is None
    tickets.create(new_ticket(marker="decade.ticket.0123456789abcdef"))
    assert tickets.find_open("c0ffee", "SEC") is None, "somebody has given another case's ticket our label"
    tickets.create(new_ticket(marker=ANOTHER, project="OPS"))
    assert tickets.find_open("c0ffee", "SEC") is None, "another project is another destination"
    first = tickets.create(new_ticket(marker=ANOTHER))
    tickets.create(new_ticket(marker=f"{ANOTHER[:-1]}0"))
    found = tickets.find_open("c0ffee", "SEC")
    assert found is not None and (found.id, found.key, found.url) == (first.id, first.key, first.url)
    assert jira.unknown_requests == []


def test_whether_it_is_open_the_ticket_itself_says(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    made = tickets.create(new_ticket(marker=ANOTHER))
    jira.reindex()
    jira.index_lag = float("inf")
    jira.move(made.key, "Done")
    assert tickets.find_open("c0ffee", "SEC") is None, "the search does not know that it was closed"
    if jira.cloud:
        tickets.find_open("c0ffee", "SEC", [made.id])
        assert f"reconcileIssues={made.id}" in jira.requests[-1].target


# Jira Service Management


def request_type(jira: JiraStandIn) -> str:
    return "report a security incident" if jira.cloud else "desk/report-a-security-incident"


def desk_tickets(jira: JiraStandIn, **life: Any) -> Tickets:
    return tickets_of(jira, life=TicketLife(**life))


def test_a_ticket_in_a_service_desk_is_a_request_by_one_creating_request(jira: JiraStandIn) -> None:
    tickets = desk_tickets(jira, request_type=request_type(jira), organizations=("cloud PLATFORM team", "8"))
    for number in range(2):
        tickets.create(new_ticket(project="DESK", marker=f"m{number}"))
    posts = [request for request in jira.requests if request.method == "POST"]
    assert [request.status for request in posts] == [201, 201]
    fields = json.loads(posts[1].body)["fields"]
    named = "25" if jira.cloud else "desk/report-a-security-incident"
    assert (fields["customfield_10010"], fields["customfield_10002"]) == (named, [7, 8])
    assert jira.issue("DESK-1").raw["custom"] == {"customfield_10010": "25", "customfield_10002": ["7", "8"]}
    assert jira.issue("DESK-1").properties == {"cloudtrail_responder": {"marker": "m0"}}
    assert set(jira.issue("DESK-1").labels) == {"ctr-c0ffee", "cloud-security"}
    assert tickets.find("m0", "ctr-c0ffee", 0.0) is not None
    assert jira.unknown_requests == []
    reads = [request.path for request in jira.requests if request.method == "GET" and "find" not in request.path]
    assert len([path for path in reads if "servicedeskapi" in path or path.endswith("/field")]) <= 4, "read once"


def test_a_request_is_prepared_before_anything_must_not_wait(jira: JiraStandIn) -> None:
    tickets = desk_tickets(jira, request_type=request_type(jira))
    ready = tickets.prepared(new_ticket(project="DESK"))
    jira.requests.clear()
    tickets.create(ready)
    assert [request.method for request in jira.requests] == ["POST"]


def test_a_ticket_in_a_project_that_is_no_service_desk_is_a_plain_one(jira: JiraStandIn) -> None:
    desk_tickets(jira, request_type=request_type(jira)).create(new_ticket())
    assert jira.issue("SEC-1").raw["custom"] == {}


def test_what_a_service_desk_lacks_is_named_before_anything_is_created(jira: JiraStandIn) -> None:
    wrong = desk_tickets(jira, request_type="Order lunch")
    there = r"there are report a security incident, get it help" if jira.cloud else "does not name a request type"
    with pytest.raises(Curable, match=there):
        wrong.create(new_ticket(project="DESK"))
    with pytest.raises(Curable, match=r"no 'Nobody' \(Organizations\); there are cloud platform team, payments"):
        desk_tickets(jira, organizations=("Nobody",)).create(new_ticket(project="DESK"))
    assert jira.issues() == []


def test_without_service_management_people_hear_what_to_do(jira: JiraStandIn) -> None:
    tickets = desk_tickets(jira, request_type="25")
    jira.faults.add("status", path="servicedeskapi", status=404, body="<h1>Oops</h1>", count=1)
    with pytest.raises(Curable, match=r"Service Management cannot be read.*empty 'Request type'"):
        tickets.create(new_ticket(project="DESK"))


def test_a_site_without_these_options_is_asked_nothing_more(jira: JiraStandIn) -> None:
    tickets_of(jira).create(new_ticket(project="DESK"))
    assert [request.method for request in jira.requests] == ["POST"]


# Several transitions

#: To Do > In Progress > Approved > Done, and back from each.
LONG = {
    "1": Transition("Start", ("10000", "10004"), "10001"),
    "2": Transition("Approve", ("10001",), "10004"),
    "3": Transition("Finish", ("10004",), "10002"),
    "4": Transition("Decline", ("10001", "10004"), "10003"),
    "5": Transition("Stop", ("10001", "10002"), "10000"),
}
BY_STEPS = Target.of("In Progress > Approved > Done", "Status when contained")


def steps(tickets: Tickets, number: str, target: Target, most: int = 6) -> list[str]:
    """Names of the statuses that it comes to, one after the other."""
    names, been = list[str](), set[str]()
    for _ in range(most):
        standing = tickets.transitions.standing(number)
        way = tickets.transitions.way(standing, target, been)
        been.add(standing.status)
        tickets.transitions.go(standing, way)
        names.append(way.status_name)
        if way.arrives:
            break
    return names


def test_a_ticket_goes_through_the_statuses_that_are_named(jira: JiraStandIn) -> None:
    workflow(jira, LONG)
    tickets, number = a_ticket(jira)
    assert steps(tickets, number, BY_STEPS) == ["In Progress", "Approved", "Done"]


def test_it_takes_the_shortest_way_that_is_there(jira: JiraStandIn) -> None:
    workflow(jira, {**LONG, "6": Transition("Skip", ("10000",), "10004")})
    tickets, number = a_ticket(jira)
    assert steps(tickets, number, BY_STEPS) == ["Approved", "Done"]
    workflow(jira, {**LONG, **TRANSITIONS})
    jira.move("SEC-1", "To Do")
    assert steps(tickets, number, BY_STEPS) == ["Done"]


@pytest.mark.parametrize(
    ("target", "came_to"),
    [("Done", []), ("Approved > Done", []), ("In Progress > Closed", ["In Progress"])],
    ids=["nothing is named", "the first step is not", "a step is missing"],
)
def test_it_goes_through_no_status_that_is_not_named(jira: JiraStandIn, target: str, came_to: list[str]) -> None:
    workflow(jira, LONG)
    tickets, number = a_ticket(jira)
    with pytest.raises(Curable, match=r"name the statuses on the way, as in In Progress > Done"):
        steps(tickets, number, Target.of(target, "Status when contained"))
    assert jira.issue("SEC-1").status == (came_to or ["To Do"])[-1]


def test_it_does_not_go_round_in_a_circle(jira: JiraStandIn) -> None:
    workflow(jira, {key: LONG[key] for key in ("1", "2")})
    tickets, number = a_ticket(jira)
    with pytest.raises(Curable, match="no transition leads from 'Approved'"):
        steps(tickets, number, BY_STEPS, most=50)
    assert jira.issue("SEC-1").status == "Approved" and len(jira.store.history(number)) == 2
