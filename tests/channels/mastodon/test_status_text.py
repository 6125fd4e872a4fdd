"""Statuses' HTML becomes words that an officer can read, and length is counted as Mastodon counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.channels.mastodon.status_text import counted_length, fingerprint, plain_text, without_leading

MENTION = '<span class="h-card"><a href="https://kota.example/@{0}" class="u-url mention">@<span>{0}</span></a></span>'


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>satu<br>dua</p><p>tiga</p>", "satu\ndua\n\ntiga"),
        ("<p>satu<br />dua &amp; tiga &lt;empat&gt;</p>", "satu\ndua & tiga <empat>"),
        ("<ul><li>lampu</li><li>jalan</li></ul>", "- lampu\n- jalan"),
        ("<blockquote><p>kata warga</p></blockquote><p>jawab</p>", "kata warga\n\njawab"),
        ("<pre><code>a\n  b</code></pre>", "a\nb"),
        ("kata\n   saja", "kata saja"),
        ("<p>a<script>alert(1)</script>b<style>p{}</style></p>", "ab"),
        ('<p>:lampu: <img class="emoji" alt="💡" src="x"></p>', ":lampu: 💡"),
        ("tanpa <b>penutup & terbuka", "tanpa penutup & terbuka"),
        ("", ""),
    ],
)
def test_blocks_lines_and_entities(content: str, text: str) -> None:
    assert plain_text(content) == text


def test_links_are_whole_addresses() -> None:
    shortened = (
        '<a href="https://www.asahan.example/a/long/path?x=1"><span class="invisible">https://www.</span>'
        '<span class="ellipsis">asahan.example/a/lo</span><span class="invisible">ng/path?x=1</span></a>'
    )
    assert plain_text(f"<p>lihat {shortened}</p>") == "lihat https://www.asahan.example/a/long/path?x=1"
    assert plain_text('<a href="https://a.example/x">a.example/…</a>') == "https://a.example/x"
    assert plain_text('<a href="https://a.example/x">di sini</a>') == "di sini (https://a.example/x)"
    assert plain_text('<a href="javascript:alert(1)">di sini</a>') == "di sini"


def test_mentions_have_their_host_and_hashtags_stay() -> None:
    tag = '<a href="https://kota.example/tags/x" class="mention hashtag">#<span>x</span></a>'
    content = f"<p>{MENTION.format('dinas')} {tag}</p>"
    assert plain_text(content, {"https://kota.example/@dinas": "dinas@kota.example"}) == "@dinas@kota.example #x"
    assert plain_text(content) == "@dinas #x"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@dinas@kota.example lampu mati", "lampu mati"),
        ("@dinas, @DINAS@kota.example: lampu", "lampu"),
        ("lampu @dinas", "lampu @dinas"),
        ("@dinasjalan lampu", "@dinasjalan lampu"),
        ("@dinas@kota.example", "@dinas@kota.example"),
        ("", ""),
    ],
)
def test_the_mention_of_ourselves_in_front_is_taken_off(text: str, rest: str) -> None:
    assert without_leading(text, "dinas@kota.example") == rest


def test_fingerprints_outlast_what_servers_do_to_a_text() -> None:
    written = "@budi@desa.example Yth. *Budi*,\n\nJalan ditutup: https://a.example/x (s.d. 15.00)"
    link = "<a href='https://a.example/x'>a.example/x</a>"
    shown = f"<p>{MENTION.format('budi')} Yth. <em>Budi</em>,</p><p>Jalan ditutup: {link} (s.d. 15.00)</p>"
    assert fingerprint(plain_text(shown)) == fingerprint(written)
    assert fingerprint("Jalan dibuka") != fingerprint("Jalan ditutup")
    assert fingerprint("🙏 … 👍") == ""


def test_counts_as_mastodon_does() -> None:
    assert counted_length("@budi@desa.sangat.panjang.example ya", 23) == len("@budi ya")
    assert (
        counted_length("lihat https://a.id dan https://a.id/" + "x" * 300, 23) == len("lihat ") + 23 + len(" dan ") + 23
    )
    assert counted_length("é" * 10, 23) == 10


@given(
    st.text(max_size=300), st.sampled_from(["<p>", "<a href='https://x.example'>", "<a class=mention>", "<li>", "<"])
)
def test_any_content_is_read(words: str, opening: str) -> None:
    assert isinstance(plain_text(opening + words), str)
    assert counted_length(words, 23) >= 0
