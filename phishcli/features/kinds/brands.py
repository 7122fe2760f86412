"""Names that phishing imitates, found in a text exactly or with one or two letters changed."""

from __future__ import annotations

from functools import lru_cache

BRANDS = frozenset(
    {"adobe", "airbnb", "alibaba", "aliexpress", "allegro", "amazon", "americanexpress", "apple", "bankofamerica"}
    | {"barclays", "binance", "blockchain", "booking", "capitalone", "chase", "citibank", "coinbase", "costco"}
    | {"deutschebank", "discord", "docusign", "dropbox", "ebay", "facebook", "fedex", "github", "gmail", "google"}
    | {"hotmail", "hsbc", "icloud", "instagram", "intesa", "intuit", "linkedin", "mastercard", "mercadolibre"}
    | {"metamask", "microsoft", "netflix", "norton", "office365", "onedrive", "outlook", "paypal", "playstation"}
    | {"postbank", "rakuten", "roblox", "samsung", "santander", "sharepoint", "shopify", "snapchat", "sparkasse"}
    | {"spotify", "steam", "stripe", "swisscom", "telegram", "tiktok", "trustwallet", "twitter", "vodafone"}
    | {"walmart", "wellsfargo", "westpac", "whatsapp", "yahoo", "zalando", "zoom"}
)
LOOKS_LIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"})
SHORTEST = 5
"""Shorter names are a letter or two away from ordinary words."""
TWO_FROM = 8
"""Names of so many letters may differ in two of them."""


def holds_brand(text: str) -> bool:
    """Whether one of the names stands in a text, in lower case."""
    return any(brand in text for brand in BRANDS)


@lru_cache(maxsize=65_536)
def imitates(token: str) -> bool:
    """Whether a word, in lower case, is nearly one of the names, but not quite.

    Nearly: it reads as the name once digits are read as the letters that they look like, or one letter (two from
    `TWO_FROM` letters on) is added, left out, replaced or exchanged with its neighbor (Damerau 1964, Communications of
    the ACM 7, 171-176).
    """
    from rapidfuzz.distance import OSA

    if token in BRANDS or len(token) < SHORTEST - 1:
        return False
    plain = token.translate(LOOKS_LIKE).replace("rn", "m").replace("vv", "w")
    if plain in BRANDS:
        return True
    return any(
        OSA.distance(token, brand, score_cutoff=allowed) <= allowed
        for brand in BRANDS
        if len(brand) >= SHORTEST and abs(len(brand) - len(token)) <= (allowed := 1 + (len(brand) >= TWO_FROM))
    )
