from __future__ import annotations

import time

import pytest

from channels.plain_text import plain_text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("Hello", "Hello"),
        ("<p>Hello</p><p>World</p>", "Hello\n\nWorld"),
        ("Hello<br>World<br/>!", "Hello\nWorld\n!"),
        ("<p>a\n   b\t c&nbsp;d</p>", "a b c d"),
        ("<b>Hel</b>lo", "Hello"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        (
            '<a class="x" href="https://shop.example/?a=1&amp;b=2">Shop</a> now',
            "Shop (https://shop.example/?a=1&b=2) now",
        ),
        ("<a href='/x'>y</a><a>z</a>", "y (/x)z"),
        ("&lt;b&gt; &amp; &euro;", "<b> & €"),
        (f"&#{'1' * 5000};", "\ufffd"),
        ("<head><title>T</title></head><style>p {}</style><script>x</script><!-- c --><p>Hi</p>", "Hi"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("", ""),
    ],
)
def test_the_words_of_a_page(html: str, expected: str) -> None:
    assert expected == plain_text(html)


@pytest.mark.parametrize("piece", ["<a ", "<", "<!--", "<script", "<style>", "</", "<a href='"])
def test_html_that_never_closes_takes_no_longer_than_any_other(piece: str) -> None:
    html = piece * (200_000 // len(piece))
    began = time.perf_counter()

    plain_text(html)

    assert time.perf_counter() - began < 1.0
