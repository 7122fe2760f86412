"""How far models withstand an attacker who changes what is in his hands: the search, the certificate, the curve."""
