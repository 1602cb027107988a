"""eval and where: operators, types, functions."""

from __future__ import annotations

import pytest

from spl import SplRejected, SplUnsupported
from spl.values import Cell
from tests.spl.conftest import Run


def value(run: Run, expression: str, prepare: str = '| eval list=split("a,b", ",")') -> Cell | None:
    (row,) = run(f"| makeresults {prepare} | eval result={expression} | fields result | fields - _time").rows
    return row.get("result")


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("1/3", "0.333333333333333"),
        ("0.1+0.2", "0.3"),
        ("2*3-4/2", "4"),
        ("-7%3", "-1"),
        ("-(2+3)", "-5"),
        ("1/0", None),
        ('"a"."b".1', "ab1"),
        ('"1"+"2"', "12"),
        ("nofield+1", None),
        ('if(1<2 AND NOT 2<1 OR 1>2, "y", "n")', "y"),
        ('if(true() XOR true(), "y", "n")', "n"),
        ('if("10">"9", "numbers", "texts")', "numbers"),
        ('if("b">"a" AND "B"!="b", "y", "n")', "y"),
        ('case(1=2,"a",true(),"b")', "b"),
        ('nullif("a","a")', None),
        ('if("x" IN ("a","x"),"y","n")', "y"),
        ('if("abc" LIKE "a_c","y","n")', "y"),
        ('if(match("AbC","(?i)abc"),"y","n")', "y"),
        ('if(cidrmatch("2001:db8::/32","2001:db8::1"),"y","n")', "y"),
        ('if(cidrmatch("10.0.0.0/8","ec2.amazonaws.com"),"y","n")', "n"),
        ('typeof("a").typeof(1).typeof(nofield)', "StringNumberInvalid"),
        ("max(1,\"a\",3)", "a"),
        ("min(10,9,\"a\")", "9"),
        ('tostring(isnull(x))', "True"),
        ('tostring(255,"hex")', "0xFF"),
        ('tostring(12345.678,"commas")', "12,345.68"),
        ('tostring(615,"duration")', "00:10:15"),
        ('printf("%05d|%-4s|%.1f%%",42,"ab",1.25)', "00042|ab  |1.2%"),
        ("round(2.5)", "3"),
        ("round(7)", "7"),
        ("pow(2,10)", "1024"),
        ('substr("abcdef",-2)', "ef"),
        ('substr("abcdef",2,3)', "bcd"),
        ('trim("xxaxx","x")', "a"),
        ('replace("a.b.c","\\.","-")', "a-b-c"),
        ('replace("2024-05","(\\d+)-(\\d+)","\\2/\\1")', "05/2024"),
        ('urldecode("a%20b+c")', "a b+c"),
        ('sha256("")', "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ('mvcount(split("a,b",","))', "2"),
        ('mvindex(split("a,b,c",","),-2,-1)', ["b", "c"]),
        ('mvindex(split("a,b",","),2)', None),
        ('mvindex(split("1,2",","),0)+1', "2"),
        ('mvfilter(match(list,"b"))."!"', "b!"),
        ('mvzip(split("a,b",","),split("1,2",","),"=")', ["a=1", "b=2"]),
        ('mvappend("a",nofield,"b")', ["a", "b"]),
        ('mvdedup(split("b,a,b",","))', ["b", "a"]),
        ('mvsort(split("b,a,b",","))', ["a", "b", "b"]),
        ('lower(split("A,B",","))', ["a", "b"]),
        ('strptime("2024-01-02T03:04:05.250Z","%Y-%m-%dT%H:%M:%S.%3N%Z")', "1704164645.25"),
        ('strptime("2024-01-02T03:04:05+0100","%Y-%m-%dT%H:%M:%S%z")', "1704161045"),
        ('strptime("March","%B")', None),
        ('strftime(1704164645,"%F %T %j %3N")', "2024-01-02 03:04:05 002 000"),
        ('relative_time(1704164645,"@w0")', "1703980800"),
        ('relative_time(1704164645,"-1mon@mon")', "1701388800"),
        ("now()", "1700000000"),
    ],
)  # fmt: skip
def test_expression(run: Run, expression: str, expected: Cell | None) -> None:
    assert value(run, expression) == expected


@pytest.mark.parametrize(
    "expression, expected",
    [
        ('json_object("a", 1, "b", "x\\"y", "c", json_array(true(), "2"))', '{"a":1,"b":"x\\"y","c":[true,"2"]}'),
        ('json_extract(json_object("a", json_array(5, 6)), "a{1}")', "6"),
        ('json_extract(json_object("a", json_array(5, 6)), "a")', "[5,6]"),
        ('json_extract_exact(json_object("a.b", 1), "a.b")', "1"),
        ('json_set("{\\"a\\":{\\"b\\":1}}", "a.b", "z", "c", 2)', '{"a":{"b":"z"},"c":2}'),
        ('json_keys("{\\"a\\":1,\\"b\\":2}")', '["a","b"]'),
        ('json_array_to_mv("[\\"a\\",1]")', ["a", "1"]),
        ('mv_to_json_array(split("a,b",","))', '["a","b"]'),
        ('if(json_valid("{"),"y","n")', "n"),
        ('spath("{\\"a\\":[{\\"b\\":1},{\\"b\\":2}]}","a{}.b")', ["1", "2"]),
        ('json_object("one", spath("{\\"a\\":[5]}", "a{}"))', '{"one":"5"}'),
        ('json_object("account", account)', '{"account":"012345678901"}'),
    ],
)
def test_json_expression(run: Run, expression: str, expected: Cell | None) -> None:
    assert value(run, expression, '| eval account="012345678901"') == expected


def test_json_made_in_a_field_still_nests(run: Run) -> None:
    assert value(run, 'json_object("rules", inner)', '| eval inner=json_array("x")') == '{"rules":["x"]}'


def test_an_attackers_text_stays_a_string_inside_json(run: Run) -> None:
    hostile = {"userAgent": '","evil":"1'}
    (row,) = run('index=aws | eval d=json_object("ua", userAgent) | table d', [hostile]).rows
    assert row == {"d": '{"ua":"\\",\\"evil\\":\\"1"}'}


def test_assignment_names(run: Run) -> None:
    spl = '| makeresults | eval k="key", {k}=1, "two words"=2, \'a.b\'=3 | table key "two words" a.b'
    assert run(spl).rows == [{"key": "1", "two words": "2", "a.b": "3"}]


def test_null_in_where_and_not(run: Run) -> None:
    records = [{"id": "a", "f": "x"}, {"id": "b"}]
    assert run('index=aws | where f!="x" | table id', records).rows == []
    results = run('index=aws | where NOT f="x" | table id', records)
    assert results.rows == [] and "NOT" in results.messages[0]
    assert run('index=aws | where isnull(f) OR f!="x" | table id', records).rows == [{"id": "b"}]


@pytest.mark.parametrize(
    "expression, fault",
    [
        ("contains(a,b)", "contains"),
        ("lower()", "expected"),
        ('case(a="b")', "2 expected"),
        ('case(a="b",1,2)', "pairs"),
        ('json_object("a")', "pairs"),
        ("a=b", "Boolean"),
        ("isnull(a)", "Boolean"),
        ("if(isnull(a),true(),false())", "Boolean"),
        ('"a"-1', "'-'"),
        ('"a"+1', "'\\+'"),
        ("lower(a)*2", r"'\*'"),
        ("if(1,2,3)", "must be Boolean"),
        ("a &&  b", "malformed"),
        ("(1", "malformed"),
        ("tags{}.key", "single quotes"),
        ('match(a,"(")', "regex"),
        ('cidrmatch("10.0.0.0/99",a)', "CIDR"),
        ('tonumber("many")', "many"),
        ("mvfilter(match(a,b))", "exactly one field"),
        ('tostring(1,"roman")', "roman"),
        ("", "missing"),
    ],
)
def test_what_splunk_rejects_is_rejected_before_any_event_is_read(run: Run, expression: str, fault: str) -> None:
    with pytest.raises(SplRejected, match=fault):
        run(f"index=aws | eval x={expression}")


@pytest.mark.parametrize("expression", ["if(flag,1,2)", "sigfig(1)", "LOWER(a)", 'lookup("t",json_object())'])
def test_what_is_undocumented_or_not_built_is_unsupported(run: Run, expression: str) -> None:
    with pytest.raises(SplUnsupported):
        run(f"index=aws | eval x={expression}")
