"""Every feature on tiny pages, with the value derived by hand."""

from __future__ import annotations

import pytest

from phishcli.features.pages import Value, registry
from phishcli.features.pages.extract import extract

HOME = "https://www.shop.co.uk/start/"
CASES: tuple[tuple[str, str, Value], ...] = (
    ("LineOfCode", "<p>one\n<p>two\n", 2),
    ("LineOfCode", "<p>one\r\n\r\n<p>three", 3),
    ("LineOfCode", "<p>one\r<p>two\u2028still two", 2),
    ("LargestLineLength", "<p>\n<p>äöü\r\n", 6),
    ("NoOfURLRedirect", "<meta http-equiv=Refresh content='3; url=/next'>", 1),
    ("NoOfURLRedirect", "<meta http-equiv=refresh content=30>", 0),
    ("NoOfURLRedirect", "<script>window.location.href = '/a'; location.replace('/b'); top . location = c;</script>", 3),
    (
        "NoOfURLRedirect",
        "<script>if (location == '/a') map.location = b; var location = 'c'; geolocation = 1</script>",
        0,
    ),
    ("NoOfURLRedirect", "<p>location = '/a'</p><script type='application/ld+json'>location = '/a'</script>", 0),
    ("NoOfSelfRedirect", "<script>location = '/a'; location = 'https://login.shop.co.uk'</script>", 2),
    ("NoOfSelfRedirect", "<script>location = 'https://evil.de/'; location = '/a' + b</script>", 0),
    ("NoOfSelfRedirect", "<meta http-equiv=refresh content=\"0;URL='https://evil.de'\">", 0),
    ("NoOfPopup", "<script>window.open('/a'); window . open(b)</script>", 2),
    ("NoOfPopup", "<a onclick=\"window.open('x')\" href=\"javascript:window.open('y')\">window.open()</a>", 2),
    ("NoOfPopup", "<p>window.open( in a text</p>", 0),
    ("NoOfiFrame", "<iframe src=a></iframe><IFRAME></IFRAME><!-- <iframe> -->", 2),
    ("NoOfImage", "<img><img src=a><script>'<img>'</script>", 2),
    ("NoOfImage", "<template><img></template><noscript><img></noscript>", 1),
    ("NoOfSelfRef", "<a href=/a><a href=b><a href=https://help.shop.co.uk><a href='?q'><area href=c><a name=d>", 5),
    ("NoOfSelfRef", "<base href=https://evil.de/><a href=/a>", 0),
    ("NoOfEmptyRef", "<a href><a href=''><a href='#top'><a href=' JavaScript:void(0)'><a href=about:blank><a>", 5),
    (
        "NoOfExternalRef",
        "<a href=//evil.de><a href='https:\\\\evil.de'><a href=' ht\ntps://evil.de '><a href=mailto:a@b>",
        3,
    ),
    ("NoOfExternalRef", "<a href=https://other.co.uk><a href=https://www.shop.co.uk.evil.de/>", 2),
    ("NoOfExternalRef", "<base href=https://evil.de/><a href=/a><a href=https://shop.co.uk>", 1),
    ("NoOfExternalRef", "<a href=https://shop.co.uk@evil.de/><a href=http://127.0.0.1/>", 2),
    ("Robots", "<meta name=ROBOTS content=noindex>", 1),
    ("Robots", "<meta name=author content=robots>", 0),
    ("IsResponsive", "<meta name=viewport content='width=device-width'>", 1),
    ("IsResponsive", "<style>@media (max-width: 9em) {}</style>", 1),
    ("IsResponsive", "<p>@media", 0),
    ("HasTitle", "<title> \n </title>", 0),
    ("HasTitle", "<title>a</title>", 1),
    ("TitleLength", "<title> My\n Shop &amp; more </title><title>b</title>", 14),
    ("TitleLength", "<svg><title>icon</title></svg>", 0),
    ("TitleInHost", "<title>The Shop: www, co</title>", 2 / 3),
    ("TitleInHost", "<p>no title", 0.0),
    ("HasDescription", "<meta name=description content=' '>", 0),
    ("HasDescription", "<meta name=Description content=a>", 1),
    ("HasFavicon", "<link rel='shortcut icon' href=/a.ico>", 1),
    ("HasFavicon", "<link rel=icon><link rel=stylesheet href=a>", 0),
    ("FaviconExternal", "<link rel='shortcut icon' href=/a.ico>", 0),
    ("FaviconExternal", "<link rel=icon href=https://bank.de/a.ico><link rel=icon href=/a.ico>", 1),
    ("FaviconExternal", "<link rel=icon href='data:,'>", 0),
    ("NoOfForm", "<form></form><form></form>", 2),
    ("NoOfExternalForm", "<form action=//evil.de></form><form action=/a></form><form action=mailto:a@b></form>", 1),
    ("NoOfEmptyForm", "<form></form><form action='#'></form><form action='JavaScript:x()'></form><form action=a>", 3),
    ("NoOfPassword", "<input type=Password><input type=text><input>", 1),
    ("NoOfHidden", "<input type=hidden><input type=hidden hidden><input>", 2),
    ("NoOfInput", "<input><input type=hidden><textarea></textarea>", 2),
    ("HasSubmit", "<button>Go</button>", 1),
    ("HasSubmit", "<button type=button>Go</button><input type=text>", 0),
    ("HasSubmit", "<input type=image>", 1),
    ("NoOfScript", "<script src=a></script><script>1</script>", 2),
    ("NoOfExternalScript", "<script src=//cdn.de/a.js></script><script src=/b.js></script><script></script>", 1),
    ("NoOfStyle", "<link rel='alternate StyleSheet' href=a><link rel=icon href=b><style></style>", 2),
    ("NoOfSocial", "<a href=https://m.facebook.de/shop><a href=https://x.de><a href=https://facebook.evil.de>", 2),
    ("HasCopyright", "<p>&copy; 2026", 1),
    ("HasCopyright", "<p>© 2026", 1),
    ("HasCopyright", "<p>2026", 0),
)


def values(page: str, url: str | None = HOME) -> dict[str, Value]:
    found = extract(page.encode(), url)
    assert found.status == "ok"
    return dict(zip(registry(), found.values, strict=True))


@pytest.mark.parametrize(("name", "page", "value"), CASES)
def test_a_feature_has_the_value_that_its_definition_gives(name: str, page: str, value: Value) -> None:
    assert values(page)[name] == value


def test_every_feature_has_a_case_and_is_described_in_a_sentence() -> None:
    assert {name for name, _, _ in CASES} == set(registry())
    assert [each.name for each in registry().values() if not each.definition.endswith(".")] == []


def test_without_an_address_only_what_needs_it_is_missing() -> None:
    page = "<title>a</title><link rel=icon href=https://a.de/i><form action=https://a.de></form><a href=https://a.de>"
    found = values(page, None)
    unknown = {name for name, value in found.items() if value is None}
    assert unknown == {name for name, each in registry().items() if each.needs_url} | {"FaviconExternal"}
    assert values("<link rel=icon href=a>", None)["FaviconExternal"] == 0


@pytest.mark.parametrize("url", ["shop.co.uk/start", "//shop.co.uk", "HTTPS://u:p@WWW.SHOP.CO.UK.:443/?q=//evil.de"])
def test_addresses_are_read_as_browsers_do(url: str) -> None:
    assert values("<a href=/a><a href=https://a.shop.co.uk>", url)["NoOfSelfRef"] == 2


def test_a_host_in_punycode_is_that_in_its_own_script() -> None:
    assert values("<a href=https://xn--bcher-kva.de/>", "https://bücher.de/")["NoOfSelfRef"] == 1


def test_two_tenants_of_shared_hosting_are_two_sites() -> None:
    assert values("<a href=https://bob.github.io>", "https://alice.github.io")["NoOfExternalRef"] == 1
