"""Texts and documents as an attacker would write them: hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st
from responder.documents.document import Bullets, Code, Document, Facts, Heading, Panel, Paragraph, Rule, Span

#: What means something to one of the markup languages, or breaks who reads it.
PIECES = (
    "{noformat}",
    "{panel}",
    "{panel:title=x}",
    "Case c0ffee, ref 000000000000.",
    "CloudTrail Responder keeps this box up to date; write outside of it.",
    "{code:java}",
    "{color:red}",
    "{{x}}",
    "[~admin]",
    "[click|http://evil.example]",
    "!http://evil.example/x.png!",
    "h1. big",
    "bq. quoted",
    "----",
    "||a||b||",
    "|x|",
    "* item",
    "# item",
    "*bold*",
    "_x_",
    "-gone-",
    "+u+",
    "(/)",
    ":)",
    "\\\\",
    "\\",
    "&#123;",
    "&lt;",
    "<!channel>",
    "<!here|x>",
    "<@U0ALICE001>",
    "@channel",
    "<#C012ABCDE>",
    "<http://evil.example|good>",
    "`tick`",
    "```",
    "~x~",
    ":white_check_mark:",
    "> quote",
    "http://evil.example/a",
    "mailto:x@y.example",
    "www.evil.example",
    '" OR project = "OPS',
    "\n",
    "\r\n",
    "\t",
    "\u202e",
    "\u200b",
    "\x00",
    "\ud800",
    "🦊",
    "&",
    "<",
    ">",
    '"',
    "'",
    " ",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=12).map("".join)
_ADDRESSES = ("https://splunk.example/x?a=1&b=2", "javascript:alert(1)", "https://e.example/a|b]<>`")
HREFS = st.sampled_from(_ADDRESSES) | TEXTS
SPANS = st.builds(Span, TEXTS, st.sampled_from(("plain", "bold", "code")), st.just("") | HREFS) | st.builds(
    Span, TEXTS, epoch=st.just(1_789_000_000)
)
LINES = st.lists(SPANS, max_size=4).map(tuple)
BLOCKS = st.one_of(
    st.builds(Heading, TEXTS, st.integers(1, 3)),
    st.builds(Paragraph, LINES, st.booleans()),
    st.builds(Facts, st.lists(st.tuples(TEXTS, LINES), max_size=12).map(tuple)),
    st.builds(Bullets, st.lists(LINES, max_size=6).map(tuple), st.booleans()),
    st.builds(Code, TEXTS, st.booleans()),
    st.just(Rule()),
)
INSIDE = st.one_of(
    st.builds(Paragraph, LINES),
    st.builds(Bullets, st.lists(LINES, max_size=4).map(tuple)),
    st.builds(Code, TEXTS),
)
PANELS = st.builds(Panel, st.just("How it stands"), st.lists(INSIDE, max_size=4).map(tuple), st.just("c0ffee"))
DOCUMENTS = st.builds(Document, st.lists(BLOCKS | PANELS, max_size=6).map(tuple))


def hrefs(document: Document) -> set[str]:
    """Addresses that a document links to on purpose."""
    found: set[str] = set()
    inside = (inner for block in document.blocks if isinstance(block, Panel) for inner in block.blocks)
    for block in (*document.blocks, *inside):
        lines = []
        if isinstance(block, Paragraph):
            lines = [block.spans]
        elif isinstance(block, Facts):
            lines = [value for _, value in block.rows]
        elif isinstance(block, Bullets):
            lines = list(block.items)
        found |= {span.href for line in lines for span in line if span.href}
    return found
