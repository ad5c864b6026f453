"""Links to the web are led elsewhere, an image is added, and not a letter of the rest changes."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tracked_html import LONGEST, tracked

IMAGE = '<img src="https://go.example/o" alt="" width="1" height="1" style="width:1px;height:1px;border:0">'


def read(html: str) -> tuple[str, list[str]]:
    """Return the HTML without the image, each address replaced by its number, and those addresses."""
    addresses: list[str] = []

    def link(address: str) -> str:
        addresses.append(address)
        return f"#{len(addresses)}"

    written = tracked(html, link=link, image="https://go.example/o")
    assert 1 == written.count(IMAGE)
    return written.replace(IMAGE, ""), addresses


@pytest.mark.parametrize(
    ("html", "written", "address"),
    [
        ('<p><a href="https://x.example/">x</a></p>', '<p><a href="#1">x</a></p>', "https://x.example/"),
        ("<A CLASS=b HREF='http://x.example'>", "<A CLASS=b HREF='#1'>", "http://x.example"),
        ("<a href=http://x.example/>x</a>", "<a href=#1>x</a>", "http://x.example/"),
        ('<a\n\thref = "HTTPS://x.example"\n>', '<a\n\thref = "#1"\n>', "HTTPS://x.example"),
        ('<a href=" https://x.example/\n a\t">', '<a href="#1">', "https://x.example/ a"),
        ('<a title="a > b" href="https://x.example">', '<a title="a > b" href="#1">', "https://x.example"),
        ("<a title='\"' href='https://x.example'/>", "<a title='\"' href='#1'/>", "https://x.example"),
        ('<a/href="https://x.example">', '<a/href="#1">', "https://x.example"),
        ('<a ="" href="https://x.example">', '<a ="" href="#1">', "https://x.example"),
        ('<a href="https://x.example" href="https://y.example">', '<a href="#1" href="https://y.example">', None),
        ('<area shape="rect" href="https://x.example">', '<area shape="rect" href="#1">', "https://x.example"),
        ('<![if !mso]><a href="https://x.example"><![endif]>', '<![if !mso]><a href="#1"><![endif]>', None),
        ('<!--[if !mso]><!--><a href="https://x.example">', '<!--[if !mso]><!--><a href="#1">', None),
        ('<!--> <a href="https://x.example"> <!-- -->', '<!--> <a href="#1"> <!-- -->', None),
        ("<style>a > b {}</style><a href='https://x.example'>", "<style>a > b {}</style><a href='#1'>", None),
        ('1 < 2 <> </> <a href="https://x.example">', '1 < 2 <> </> <a href="#1">', None),
        ('<a data-track="yes" href="https://x.example">', '<a data-track="yes" href="#1">', None),
    ],
)
def test_a_link_is_led_elsewhere_however_it_is_written(html: str, written: str, address: str | None) -> None:
    assert (written, [address or "https://x.example"]) == read(html)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("?a=1&amp;b=2", "?a=1&b=2"),
        ("?a=1&b=2&copy=3&reg&lt", "?a=1&b=2&copy=3®<"),
        ("?q=&quot;&#x41;&#66;&eacute;&nothing;", '?q="AB\xe9&nothing;'),
    ],
)
def test_what_stands_for_a_character_is_read_as_browsers_do(written: str, address: str) -> None:
    assert ('<a href="#1">', [f"https://x.example/{address}"]) == read(f'<a href="https://x.example/{written}">')


@pytest.mark.parametrize(
    "address",
    [
        "mailto:ada@example.com",
        "tel:+123",
        "sms:123",
        "#top",
        "",
        " ",
        "/relative",
        "//x.example/",
        "https:",
        "https:///",
        "https:x.example",
        "ftp://x.example",
        "javascript:alert('https://x.example')",
        "https://x.example/\x01",
        "https://x.example\\@y.example/",
        "https://x.example/" + "ü" * (LONGEST // 6),
    ],
)
def test_only_addresses_on_the_web_are_led_elsewhere(address: str) -> None:
    """Behaviour 7.13, as far as there are channels."""
    html = f'<p><a href="{address}">x</a></p>'

    assert (html, []) == read(html)


@pytest.mark.parametrize("address", ["https://x.example/".ljust(LONGEST, "a"), "https://x.example/" + "ü" * 330])
def test_an_address_may_be_as_long_as_its_link_can_travel(address: str) -> None:
    assert ('<a href="#1">', [address]) == read(f'<a href="{address}">')


@pytest.mark.parametrize(
    "html",
    [
        "<a>x</a><a href>x</a><a href=>x</a>",
        '<abbr href="https://x.example"><link href="https://x.example"><img src="https://x.example/i.png">',
        '<a data-href="https://x.example" title=\' href="https://x.example"\'>',
        '<!-- <a href="https://x.example"> -->',
        '<!--[if mso]><a href="https://x.example">x</a><![endif]-->',
        '<script>"<a href=\'https://x.example\'>"</script><title><a href="https://x.example"></title>',
        '<textarea><a href="https://x.example"></textarea>',
        "<p title=\"<a href='https://x.example'>\">",
        '</a href="https://x.example">',
        '<!doctype html SYSTEM "<a href=https://x.example">',
    ],
)
def test_what_is_no_link_stays_as_it_is(html: str) -> None:
    assert (html, []) == read(html)


@pytest.mark.parametrize("end", ['<a href="https://x.example', '<a href="https://x.example"', "<!-- ", "<style>", "<p"])
def test_what_never_closes_is_left_alone(end: str) -> None:
    html = f'<a href="https://y.example">y</a>{end}'

    assert (f'<a href="#1">y</a>{end}', ["https://y.example"]) == read(html)


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ('<a href="https://x.example" data-track="false">x</a>', '<a href="https://x.example" >x</a>'),
        ("<a DATA-TRACK=False href=https://x.example>x</a>", "<a  href=https://x.example>x</a>"),
        ('<a data-track="false"href="https://x.example">x</a>', '<a href="https://x.example">x</a>'),
    ],
)
def test_a_link_can_be_left_as_it_is_and_nobody_sees_that(html: str, written: str) -> None:
    assert (written, []) == read(html)


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("<p>Hi</p>", f"<p>Hi</p>{IMAGE}"),
        ("<html><BODY><p>Hi</p></BODY\n></html>\n", f"<html><BODY><p>Hi</p>{IMAGE}</BODY\n></html>\n"),
        ("<body><!-- </body> --><p>Hi</p></body>", f"<body><!-- </body> --><p>Hi</p>{IMAGE}</body>"),
        ("<body>a</body>b</body>", f"<body>a</body>b{IMAGE}</body>"),
    ],
)
def test_the_image_stands_at_the_end_of_the_body(html: str, written: str) -> None:
    assert written == tracked(html, link=str, image="https://go.example/o")


class _Parts(HTMLParser):
    """What another parser finds: tags with their attributes, without the addresses of links and without the image."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img":
            self.found.append((tag, [one for one in attrs if tag != "a" or one[0] != "href"]))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.found += data

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", data))


PIECES = st.sampled_from(
    [
        *('<a href="https://x.example/?a=1&amp;b">', "<a class='b' href=http://x.example>", "<a>", "<a href=''>"),
        *("</a>", "<p>", "</p>", "<br/>", "<b id=x>", "</b>", "text & <3", "&nbsp;", "\n", '<a href="mailto:a@b.c">'),
        *("<!-- <a href='https://x.example'> -->", "<p title='<a href=https://x.example>'>"),
    ]
)


@given(st.lists(PIECES).map("".join))
def test_every_text_tag_and_attribute_but_the_addresses_of_links_stays(html: str) -> None:
    assert _Parts(html).found == _Parts(tracked(html, link=lambda _: "https://go.example/c", image="i")).found


@given(st.lists(PIECES | st.text(alphabet="<>a/ =\"'!-hrefstyl\n")).map("".join))
def test_without_the_image_and_with_the_same_addresses_it_is_the_same_html(html: str) -> None:
    same = tracked(html, link=lambda address: address.replace("&", "&amp;"), image="https://go.example/o")

    assert html == same.replace(IMAGE, "")


@pytest.mark.parametrize(
    "piece", ["<a ", "<", "</", "<!--", "<script", "<style>", "<a href='", "<a =", "<a/", "<a href='https://x.example'"]
)
def test_html_that_never_closes_takes_no_longer_than_any_other(piece: str) -> None:
    html = piece * (400_000 // len(piece))
    began = time.perf_counter()

    tracked(html, link=str, image="i")

    assert time.perf_counter() - began < 1.0
