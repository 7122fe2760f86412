"""Tables shaped like well-known public ones, with planted faults, for the recall and the false alarms of the audit.

Every table is made from a seed. A fault names the column, and the codes of the findings that name it rightly; the code
``set-aside`` stands for a column that ``load`` does not use at all. All else that the audit says above a note about a
column is a false alarm.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

IDENTIFIER = ("identifier", "set-aside")
COPY = ("decisive-column", "set-aside")
PRESENCE = ("missing-in-one-class",)
ZEROS = ("impossible-zeros",)
CAPPED = ("capped-values",)
CODE = ("sentinel-values",)
WORDS = ("missing-words",)
SIGNAL = ("signal-set-aside",)
GROUP = ("group-across-split",)
Columns = dict[str, Any]
Faults = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Made:
    """A table whose target is ``label``, 1 = positive; its faults by column, and columns that must become features."""

    name: str
    frame: pd.DataFrame
    faults: Faults
    used: tuple[str, ...] = ()


class Maker:
    """Draws the columns of one table."""

    def __init__(self, name: str, rows: int, share: float = 0.4) -> None:
        self.name, self.rows = name, rows
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.label = self.random.random(rows) < share

    def leaning(self, weight: float = 0.5) -> np.ndarray:
        """Standard normal numbers that are greater in the positive class."""
        return self.random.normal(size=self.rows) + weight * self.label

    def whole(self, mean: float, deviation: float, low: float = -np.inf, weight: float = 0.3) -> np.ndarray:
        """Whole numbers; what is too low is drawn anew from above, so that nothing piles up."""
        values = mean + deviation * self.leaning(weight)
        mirrored = values if np.isinf(low) else np.where(values < low, 2 * low - values, values)
        return mirrored.round().astype(int)

    def amounts(self, median: float, weight: float = 0.4, spread: float = 0.6) -> np.ndarray:
        return median * np.exp(spread * self.leaning(weight))

    def words(self, *words: str, weight: float = 0.3) -> np.ndarray:
        """Words; the later ones are more frequent in the positive class."""
        place = self.random.exponential(len(words) / 4, self.rows) + weight * self.label
        return np.array(words)[np.minimum(place, len(words) - 1).astype(int)]

    def unique(self, low: int, high: int) -> np.ndarray:
        return self.random.choice(high - low, self.rows, replace=False) + low

    def some(self, share: float) -> np.ndarray:
        return self.random.random(self.rows) < share

    def exactly(self, count: int, among: np.ndarray | None = None) -> np.ndarray:
        """Mark so many rows."""
        rows = np.flatnonzero(np.ones(self.rows, dtype=bool) if among is None else among)
        return np.isin(np.arange(self.rows), self.random.choice(rows, count, replace=False))

    def made(self, columns: Columns, faults: Faults | None = None, used: tuple[str, ...] = ()) -> Made:
        return Made(self.name, pd.DataFrame({**columns, "label": self.label.astype(int)}), faults or {}, used)


def credit() -> Made:
    m = Maker("credit", 1_000, 0.3)
    columns = {
        "id": m.random.permutation(m.rows) + 1,
        "checking": m.words("no account", "low", "middle", "high"),
        "duration_months": m.random.choice([6, 12, 18, 24, 36, 48, 60], m.rows),
        "credit_amount": m.amounts(2_300).round().astype(int),
        "installment_rate": m.random.integers(1, 5, m.rows),
        "age": m.whole(35, 11, 19, -0.3),
        "existing_credits": m.random.choice([1, 2, 3, 4], m.rows, p=[0.63, 0.33, 0.03, 0.01]),
        "paid": m.words("yes", "no"),
    }
    return m.made(columns, {"id": IDENTIFIER}, ("credit_amount", "paid"))


def bank_churn() -> Made:
    m = Maker("bank churn", 3_000, 0.2)
    columns = {
        "RowNumber": np.arange(1, m.rows + 1),
        "CustomerId": m.unique(15_565_701, 15_815_690),
        "Surname": [f"name{number}" for number in m.random.zipf(1.3, m.rows) % 1_500],
        "CreditScore": (650 + 96 * m.leaning(-0.1)).clip(350, 850).round().astype(int),
        "Age": m.whole(38, 10, 18, 0.8),
        "Tenure": m.random.integers(0, 11, m.rows),
        "Balance": np.where(m.some(0.36), 0, 119_800 + 30_000 * m.leaning(0.2)).round(2),
        "NumOfProducts": m.random.choice([1, 2, 3, 4], m.rows, p=[0.5, 0.46, 0.03, 0.01]),
        "EstimatedSalary": m.random.uniform(11, 200_000, m.rows).round(2),
        "Geography": m.words("France", "Germany", "Spain"),
    }
    return m.made(columns, {"RowNumber": IDENTIFIER, "CustomerId": IDENTIFIER, "CreditScore": CAPPED})


def card_churn() -> Made:
    m = Maker("card churn", 4_000, 0.16)
    columns = {
        "CLIENTNUM": m.unique(708_082_083, 828_343_083),
        "Customer_Age": m.whole(46, 8),
        "Income_Category": m.words("Less than $40K", "$40K - $60K", "$80K - $120K", "Unknown", "$120K +"),
        "Education_Level": m.words("Graduate", "High School", "Unknown", "Uneducated", "College"),
        "Months_on_book": np.where(m.some(0.25), 36, m.whole(36, 8)),
        "Credit_Limit": m.amounts(4_500, 0.2, 0.9).round(1),
        "Total_Trans_Ct": m.whole(65, 23, 10, -0.9),
        "Avg_Utilization_Ratio": np.where(m.some(0.24), 0, m.random.beta(1, 2, m.rows)).round(3),
    }
    return m.made(columns, {"CLIENTNUM": IDENTIFIER, "Income_Category": WORDS, "Education_Level": WORDS})


def diabetes() -> Made:
    m = Maker("diabetes", 768, 0.35)
    columns = {
        "Pregnancies": m.random.poisson(3 + m.label),
        "Glucose": np.where(m.exactly(5), 0, m.whole(115, 28, 44, 1)),
        "BloodPressure": np.where(m.exactly(35), 0, m.whole(72, 12, 30)),
        "SkinThickness": np.where(m.exactly(227), 0, m.whole(29, 10, 7)),
        "Insulin": np.where(m.exactly(374), 0, 14 + m.amounts(110, 0.4, 0.7).round().astype(int)),
        "BMI": np.where(m.exactly(11), 0, (32 + 6.5 * m.leaning(0.6)).clip(18.2).round(1)),
        "DiabetesPedigreeFunction": m.amounts(0.37, 0.3).round(3),
        "Age": 21 + m.random.exponential(11 + 3 * m.label, m.rows).round().astype(int),
    }
    return m.made(columns, dict.fromkeys(("Glucose", "BloodPressure", "SkinThickness", "Insulin", "BMI"), ZEROS))


def heart() -> Made:
    m = Maker("heart", 918, 0.55)
    columns = {
        "Age": m.whole(53, 9, 28),
        "ChestPainType": m.words("ASY", "NAP", "ATA", "TA"),
        "RestingBP": m.whole(132, 18, 80),
        "Cholesterol": np.where(m.exactly(172), 0, m.whole(244, 55, 85)),
        "FastingBS": m.some(0.23).astype(int),
        "MaxHR": m.whole(137, 25, 60, -0.8),
        "Oldpeak": np.where(m.some(0.4), 0, m.random.exponential(1.2 + 0.5 * m.label, m.rows)).round(1),
    }
    return m.made(columns, {"Cholesterol": ZEROS})


def bank_marketing() -> Made:
    m = Maker("bank marketing", 4_000, 0.12)
    contacted = m.some(0.18)
    columns = {
        "age": 18 + m.random.gamma(4, 6, m.rows).round().astype(int),
        "job": m.words("management", "technician", "admin.", "services", "unknown", "retired", "student"),
        "balance": np.where(
            m.some(0.09), -m.random.exponential(300, m.rows), m.random.exponential(1_400, m.rows)
        ).round(),
        "day": m.random.integers(1, 32, m.rows),
        "duration": m.random.gamma(1.5, 170 + 150 * m.label, m.rows).round(),
        "campaign": m.random.geometric(0.36, m.rows) + m.random.geometric(0.8, m.rows) ** 3 // 3,
        "pdays": np.where(contacted, m.random.integers(1, 400, m.rows), -1),
        "previous": np.where(contacted, m.random.geometric(0.4, m.rows), 0),
    }
    return m.made(columns, {"job": WORDS, "pdays": CODE}, ("campaign",))


def adult() -> Made:
    m = Maker("adult", 5_000, 0.24)
    gain = np.where(m.some(0.08), m.amounts(5_000, 0.8, 0.8), 0).round()
    unknown = m.some(0.056)
    columns = {
        "age": 17 + m.random.gamma(3, 7 + m.label, m.rows).round().astype(int),
        "workclass": np.where(unknown, " ?", m.words(" Private", " Self-emp", " Local-gov", " State-gov")),
        "fnlwgt": m.amounts(178_000, 0, 0.5).round().astype(int),
        "education-num": m.random.choice(np.arange(1, 17), m.rows),
        "occupation": np.where(unknown, " ?", m.words(" Prof", " Craft", " Exec", " Sales", " Farming", " Tech")),
        "capital-gain": np.where(m.exactly(25, m.label), 99_999, gain).astype(int),
        "capital-loss": np.where(m.some(0.047), m.whole(1_870, 300), 0),
        "hours-per-week": np.where(m.some(0.46), 40, m.whole(41, 12, 2)),
    }
    return m.made(columns, {"workclass": WORDS, "occupation": WORDS, "capital-gain": CODE}, ("fnlwgt",))


def titanic() -> Made:
    m = Maker("titanic", 1_309, 0.38)
    boats = [f"boat {number}" for number in range(20)]
    columns = {
        "pclass": m.random.integers(1, 4, m.rows),
        "sex": m.words("male", "female", weight=0.6),
        "age": np.where(m.some(0.2), np.nan, m.whole(30, 13, 1)),
        "sibsp": m.random.poisson(0.5, m.rows),
        "fare": m.amounts(14.5).round(4),
        "cabin": np.where(m.some(0.77), None, [f"{deck}{m.random.integers(1, 130)}" for deck in m.words(*"CBDEAFG")]),
        "boat": np.where(m.exactly(480, m.label), m.random.choice(boats, m.rows), None),
        "body": np.where(m.exactly(121, ~m.label), m.unique(1, 1_320), np.nan),
    }
    return m.made(columns, {"boat": PRESENCE, "body": PRESENCE})


SCHOOLING = [0.08, 0.05, 0.06, 0.06, 0.4, 0.06, 0.1, 0.06, 0.08]


def labor_force() -> Made:
    m = Maker("labor force", 753, 0.57)
    schooling = m.random.choice(np.arange(3, 17), m.rows, p=[0.01] * 5 + SCHOOLING)
    columns = {
        "k5": m.random.poisson(0.25, m.rows),
        "age": m.random.integers(30, 61, m.rows),
        "huseduc": np.where(m.exactly(118), 17, schooling),
        "faminc": m.amounts(21_000).round(),
        "unem": m.random.choice([3, 5, 7.5, 9.5, 11, 14], m.rows),
        "exper": m.random.gamma(1.6, 6.5, m.rows).round(),
    }
    return m.made(columns, {"huseduc": CAPPED})


def phone_churn() -> Made:
    m = Maker("phone churn", 3_000, 0.27)
    tenure = np.minimum(m.random.gamma(0.9, np.where(m.label, 22, 50), m.rows).round() + 1, 72).astype(int)
    columns = {
        "customerID": [f"{number:04d}-XYZ" for number in m.unique(0, 9_999)],
        "SeniorCitizen": m.some(0.16).astype(int),
        "tenure": tenure,
        "Contract": m.words("Two year", "One year", "Month-to-month", weight=1),
        "MonthlyCharges": (65 + 30 * m.leaning(0.3)).clip(18, 119).round(2) + m.random.random(m.rows).round(2),
        "PaperlessBilling": m.words("Yes", "No"),
    }
    return m.made(columns, {"customerID": IDENTIFIER, "tenure": CAPPED}, ("MonthlyCharges",))


def intrusions() -> Made:
    m = Maker("intrusions", 5_000, 0.45)
    effect = m.random.normal(size=64)
    service = m.random.integers(0, 64, m.rows)
    m.label = m.random.random(m.rows) < 1 / (1 + np.exp(-2.5 * effect[service]))
    columns = {
        "duration": np.where(m.some(0.9), 0, m.random.exponential(900, m.rows)).round(),
        "service": [f"service {number}" for number in service],
        "flag": m.words("SF", "S0", "REJ", "RSTR"),
        "src_bytes": np.where(m.some(0.4), 0, m.amounts(240, 0.4, 1.5)).round(),
        "same_srv_rate": np.where(m.some(0.6), 1, m.random.beta(1, 4, m.rows)).round(2),
        "serror_rate": np.where(m.some(0.7), 0, m.random.beta(2, 1, m.rows)).round(2),
        "dst_host_count": np.where(m.some(0.5), 255, m.random.integers(0, 255, m.rows)),
    }
    return m.made(columns, {"dst_host_count": CAPPED}, ("service",))


def coded_phishing() -> Made:
    m = Maker("coded phishing", 3_000, 0.45)
    names = ["having_IP", "URL_Length", "Shortening", "SSLfinal", "Prefix_Suffix", "Request_URL", "Iframe", "Rank"]
    columns = {name: np.sign(m.leaning(-0.6).round()).astype(int) for name in names}
    return m.made(columns, {}, tuple(names))


def spam() -> Made:
    m = Maker("spam", 2_500, 0.39)
    columns: Columns = {
        f"freq_{word}": np.where(m.some(0.75), 0, m.random.exponential(0.5 + 0.5 * m.label, m.rows)).round(2)
        for word in ("make", "all", "free", "money", "george", "hp", "meeting", "edu")
    }
    columns["capital_run_length_longest"] = (1 + m.amounts(15, 0.8, 1.2)).round()
    return m.made(columns, {}, tuple(columns))


def survey() -> Made:
    m = Maker("survey", 1_200, 0.5)
    answers = {
        f"q{number}": m.random.choice([1, 2, 3, 4, 5], m.rows, p=[0.1, 0.2, 0.3, 0.25, 0.15]) for number in range(8)
    }
    code = m.random.random(m.rows)
    income = np.select([code < 0.08, code < 0.12], [99, 88], m.random.integers(1, 25, m.rows))
    columns = {**answers, "age": m.random.integers(18, 80, m.rows), "income_band": income}
    return m.made(columns, {"income_band": CODE})


def answers_with_refusals() -> Made:
    m = Maker("answers with refusals", 753, 0.4)
    columns = {
        "weight_change": np.where(m.exactly(118), 99, m.random.integers(1, 89, m.rows)),
        "children": m.random.poisson(1.6, m.rows),
        "satisfaction": m.random.choice([1, 2, 3, 4, 5], m.rows),
        "pressure": np.where(m.exactly(652 // 4), 0, m.whole(120, 15, 70)),
    }
    return m.made(columns, {"weight_change": CODE, "pressure": ZEROS})


def weather() -> Made:
    m = Maker("weather", 2_500, 0.25)
    rain = np.where(m.some(0.7), 0, m.random.exponential(6, m.rows)).round(1)
    columns = {
        "temperature": np.where(m.some(0.03), -999, (8 + 11 * m.leaning(0.2)).round(1)),
        "wind_direction": m.random.integers(0, 360, m.rows),
        "rain": rain,
        "humidity": (60 + 15 * m.leaning(0.5)).round(1),
        "pressure": np.where(m.some(0.01), 9999, (1_013 + 8 * m.leaning(-0.5)).round(1)),
        "station": m.words("north", "south", "east", "west"),
    }
    return m.made(columns, {"temperature": CODE, "pressure": CODE}, ("humidity", "rain"))


def domains() -> Made:
    m = Maker("domains", 3_000, 0.45)
    hidden = m.random.random(m.rows)
    strays = -m.random.integers(2, 30, m.rows)
    columns = {
        "domain_age": np.select([hidden < 0.15, hidden < 0.16], [-1, strays], m.random.gamma(2, 900, m.rows).round()),
        "url_length": m.random.poisson(40 + 15 * m.label) + m.random.geometric(0.05, m.rows),
        "registration_length": np.where(m.some(0.1), -1, m.random.integers(0, 700, m.rows)),
        "nb_dots": m.random.poisson(2.5, m.rows),
        "web_traffic": m.amounts(50_000, -0.5, 2).round(),
    }
    return m.made(columns, {"domain_age": CODE, "registration_length": CODE}, ("nb_dots",))


def tumors() -> Made:
    m = Maker("tumors", 569, 0.37)
    columns: Columns = {"id": np.r_[m.unique(8_670, 92_000)[:200], m.unique(842_000, 91_900_000)[200:]]}
    columns |= {f"{what}_mean": m.amounts(10, 1.2, 0.3).round(4) for what in ("radius", "texture", "area", "symmetry")}
    return m.made(columns, {"id": IDENTIFIER})


def copies() -> Made:
    m = Maker("copies", 2_000, 0.4)
    mistakes = m.exactly(2)
    columns = {
        "size": m.amounts(100).round(1),
        "verdict": np.where(m.label, "malicious", "benign"),
        "group_b": np.where(m.label, 3, 7),
        "rating": np.where(m.label != mistakes, 12.5, 40),
        "review": np.where(
            m.label, m.random.choice(["open", "sent"], m.rows), m.random.choice(["none", "new"], m.rows)
        ),
        "score": np.where(m.label, 5, -5) + m.random.uniform(-1, 1, m.rows),
        "kind": m.random.integers(0, 200, m.rows) * 2 + m.label,
        "colour": m.words("red", "green", "blue"),
    }
    return m.made(columns, dict.fromkeys(("verdict", "group_b", "rating", "review", "score", "kind"), COPY))


def rare_fraud() -> Made:
    m = Maker("rare fraud", 2_000, 0.4)
    m.label = m.exactly(6)
    columns = {
        "amount": m.amounts(60, 1, 1.1).round(2),
        "hour": m.random.integers(0, 24, m.rows),
        "chargeback": m.label.astype(int),
        "night": m.some(0.2).astype(int),
    }
    return m.made(columns, {"chargeback": COPY})


def accounts() -> Made:
    m = Maker("accounts", 3_000, 0.4)
    owner = m.random.integers(0, 700, m.rows)
    m.label = m.random.random(700)[owner] < 0.4
    district = m.random.integers(0, 400, m.rows)
    m.label = np.where(m.some(0.35), m.random.normal(size=400)[district] > 0.2, m.label)
    decided = np.array([f"{'b' if bad else 'g'}{number}" for bad, number in zip(m.label, owner, strict=True)])
    columns = {
        "logins": m.random.poisson(9 + 3 * m.label),
        "ticket": decided,
        "district": [f"district {number}" for number in district],
        "note": [f"note {number}" for number in m.random.integers(0, 600, m.rows)],
        "age_days": m.amounts(300).round(),
    }
    return m.made(columns, {"ticket": SIGNAL, "district": SIGNAL})


def houses() -> Made:
    m = Maker("houses", 4_000, 0.3)
    columns = {
        "sqft": (m.amounts(1_900, 0.8, 0.4) / 10).round() * 10,
        "bedrooms": m.random.choice([1, 2, 3, 4, 5, 6], m.rows, p=[0.02, 0.13, 0.45, 0.32, 0.06, 0.02]),
        "yr_renovated": np.where(m.some(0.95), 0, m.random.integers(1_934, 2_016, m.rows)),
        "yr_built": m.random.integers(1_900, 2_016, m.rows),
        "zipcode": m.random.choice(np.arange(98_001, 98_200), m.rows),
        "lat": (47.5 + 0.14 * m.leaning(0.4)).round(4),
    }
    return m.made(columns, {"yr_renovated": ZEROS}, ("zipcode",))


def patients() -> Made:
    m = Maker("patients", 3_000, 0.4)
    columns = {
        "encounter_id": m.unique(12_522, 443_867_222),
        "patient_nbr": m.random.choice(m.unique(135, 189_502_619), m.rows),
        "race": np.where(m.some(0.03), "?", m.words("a", "b", "c")),
        "time_in_hospital": m.random.integers(1, 15, m.rows),
        "num_medications": m.random.poisson(16, m.rows),
        "admission_type_id": m.random.choice([1, 2, 3, 5, 6], m.rows),
    }
    return m.made(columns, {"encounter_id": IDENTIFIER, "patient_nbr": IDENTIFIER, "race": WORDS})


def nameless_keys() -> Made:
    m = Maker("nameless keys", 2_000, 0.4)
    columns = {
        "reference": m.unique(50_000, 56_000),
        "badge": np.where(m.some(0.01), np.nan, m.unique(100, 3_600)),
        "rownames": m.random.permutation(4 * np.arange(m.rows)),
        "height": m.whole(1_700, 90),
        "steps": m.whole(8_000, 2_500, 100),
    }
    return m.made(columns, {"reference": IDENTIFIER, "badge": IDENTIFIER, "rownames": IDENTIFIER}, ("height", "steps"))


def campaigns() -> Made:
    m = Maker("campaigns", 2_000, 0.4)
    columns = {
        "campaign_id": m.random.integers(1, 120, m.rows),
        "kit": [f"kit {number}" for number in m.random.integers(0, 60, m.rows)],
        "forms": m.random.poisson(2 + m.label),
        "size_kb": m.amounts(300).round(1),
    }
    return m.made(columns, {"campaign_id": GROUP, "kit": GROUP})


def wine() -> Made:
    m = Maker("wine", 1_600, 0.5)
    columns = {
        "fixed acidity": (8.3 + 1.7 * m.leaning(0.3)).round(1),
        "citric acid": np.where(m.some(0.08), 0, m.random.beta(2, 4, m.rows)).round(2),
        "free sulfur dioxide": m.random.gamma(2, 8, m.rows).round() + 1,
        "density": (0.9967 + 0.0019 * m.leaning(-0.4)).round(5),
        "alcohol": 8.4 + m.random.gamma(2, 1 + 0.4 * m.label, m.rows).round(1),
    }
    return m.made(columns, {}, tuple(columns))


def staff() -> Made:
    m = Maker("staff", 2_000, 0.24)
    columns = {
        "satisfaction": m.random.beta(3, 2 + m.label, m.rows).round(2),
        "projects": m.random.choice([2, 3, 4, 5, 6, 7], m.rows),
        "monthly_hours": m.random.integers(96, 311, m.rows),
        "years": m.random.geometric(0.3, m.rows) + 1,
        "department": m.words("sales", "technical", "support", "IT", "hr", "product", "marketing"),
        "salary": m.words("low", "medium", "high"),
    }
    return m.made(columns, {}, tuple(columns))


def look_alikes() -> Made:
    m = Maker("look-alikes", 1_500, 0.4)
    columns = {
        "valid": m.some(0.5).astype(int),
        "humid": m.whole(55, 15),
        "grid": m.random.integers(0, 12, m.rows),
        "paid_amount": m.amounts(5e5, 0.4, 1).round().astype(int),
        "number_of_visits": m.random.poisson(3, m.rows),
        "population": np.exp(m.random.normal(11, 1.5, m.rows)).round().astype(int),
        "index_of_refraction": (1.5 + 0.01 * m.leaning()).round(5),
        "loan": np.where(m.some(0.3), 0, m.amounts(9_000, 0.2, 1.2)).round(2),
    }
    return m.made(columns, {}, tuple(columns))


def ratings() -> Made:
    m = Maker("ratings", 2_000, 0.5)
    columns = {
        "stars": m.random.choice([1, 2, 3, 4, 5], m.rows, p=[0.08, 0.06, 0.11, 0.25, 0.5]),
        "correct_of_20": m.random.binomial(20, np.where(m.label, 0.9, 0.8)),
        "model_year": 2_015 - m.random.geometric(0.15, m.rows).clip(1, 30),
        "percent": np.minimum(m.random.gamma(8, 12, m.rows), 100).round(),
        "pixel": np.clip(m.random.normal(120, 150, m.rows), 0, 255).round(),
        "share": np.minimum(m.random.exponential(0.5, m.rows), 1).round(3),
    }
    return m.made(columns, {}, tuple(columns))


def gauges() -> Made:
    m = Maker("gauges", 2_000, 0.4)
    columns: Columns = {f"axis_{axis}": m.leaning().round(4) for axis in "xyz"}
    columns |= {"adc": m.whole(2_048, 300), "rpm": m.whole(1_500, 200, 700), "error": m.leaning(0).round().astype(int)}
    return m.made(columns, {}, tuple(columns))


def strong_but_honest() -> Made:
    m = Maker("strong but honest", 2_000, 0.4)
    columns = {
        "margin": m.leaning(2.2).round(3),
        "has_form": (m.random.random(m.rows) < np.where(m.label, 0.93, 0.1)).astype(int),
        "tier": m.words("a", "b", "c", "d", weight=1.5),
        "gaps": np.where(m.random.random(m.rows) < np.where(m.label, 0.5, 0.3), np.nan, m.leaning()),
    }
    return m.made(columns, {}, tuple(columns))


def sales() -> Made:
    m = Maker("sales", 2_000, 0.3)
    columns = {
        "quantity": m.random.geometric(0.2, m.rows) * 6,
        "price": (m.amounts(20) * 2).round() / 2 - 0.01,
        "discount": m.random.choice([0, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70], m.rows),
        "profit": (20 * m.leaning(0.3) + 15).round(2),
        "week": m.random.integers(1, 53, m.rows),
        "month": m.random.integers(1, 13, m.rows),
        "brand": m.random.poisson(4, m.rows),
    }
    return m.made(columns, {}, tuple(columns))


def small() -> Made:
    m = Maker("small", 240, 0.45)
    columns = {
        "weight": m.whole(3_000, 600, 900),
        "length": (40 + 5 * m.leaning(0.8)).round(1),
        "eggs": m.random.poisson(1, m.rows),
        "type": m.words("a", "b", "c"),
        "income": m.amounts(30_000).round().astype(int),
    }
    return m.made(columns, {}, tuple(columns))


def noise() -> Made:
    m = Maker("noise", 1_000, 0.5)
    columns: Columns = {f"n{number}": m.random.normal(size=m.rows) for number in range(40)}
    columns |= {f"p{number}": m.random.poisson(number + 1, m.rows) for number in range(20)}
    columns |= {f"u{number}": m.random.integers(0, 10 ** (1 + number % 6), m.rows) for number in range(18)}
    columns |= {f"c{number}": m.random.choice(list("abcdef"), m.rows) for number in range(10)}
    return m.made(columns, {}, tuple(columns))


def census() -> Made:
    m = Maker("census", 3_000, 0.3)
    columns = {
        "households": m.amounts(410, 0, 0.7).round().astype(int),
        "rooms": m.amounts(2_100, 0, 0.8).round().astype(int),
        "median_income": m.amounts(3.5, 0.8, 0.4).round(4),
        "longitude": (-119.5 + 2 * m.leaning(0.2)).round(2),
        "children": m.random.choice([0, 1, 2, 3, 4], m.rows),
        "commute": np.where(m.some(0.05), 0, m.random.gamma(2, 12, m.rows)).round(),
    }
    return m.made(columns, {}, tuple(columns))


TABLES: tuple[Callable[[], Made], ...] = (
    credit, bank_churn, card_churn, diabetes, heart, bank_marketing, adult, titanic, labor_force, phone_churn,
    intrusions, coded_phishing, spam, survey, answers_with_refusals, weather, domains, tumors, copies, rare_fraud,
    accounts, houses, patients, nameless_keys, campaigns, wine, staff, look_alikes, ratings, gauges, strong_but_honest,
    sales, small, noise, census,
)  # fmt: skip
"""Thirty-five tables, of which thirteen have no fault in a column."""
