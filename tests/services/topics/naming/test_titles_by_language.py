"""Titles of topics in other languages and scripts than English."""

from __future__ import annotations

import numpy as np
import pytest

from services.text.words.folding import fold
from services.topics.naming.titles import name_topics
from services.topics.naming.tokens import stop_word_languages
from services.topics.various import without_various
from tests.services.topics.naming.examples import PRINTER, labels


def test_stop_words_are_left_out_in_other_languages() -> None:
    """German, Spanish and French topics at once each lose the stop words of their own language."""
    texts = [
        "Ich habe mein Passwort vergessen", "Wie kann ich das Passwort zurücksetzen?",
        "Mein Passwort ist nicht mehr gültig", "No puedo ver la factura de este mes",
        "¿Dónde está la factura del mes?", "La factura del mes no es correcta",
        "La livraison est en retard", "Où est la livraison de mon colis ?",
        "Je n’ai pas reçu la livraison du colis",
    ]  # fmt: skip
    names = name_topics(texts, labels(3, 3, 3))
    for name, word in zip(names, ("Passwort", "factura", "livraison"), strict=True):
        assert word in name.title
        assert word in " ".join(name.terms)
    stop_words = {"ich", "mein", "la", "del", "no", "est", "de", "je", "das", "pas"}
    assert not stop_words & {fold(term) for name in names for term in name.terms}


def test_scripts_without_spaces_have_titles_too() -> None:
    """Chinese titles are whole words that several tickets have, not just any characters."""
    printer = [
        "打印机坏了，无法打印",
        "办公室的打印机没有纸了",
        "我的打印机卡纸了",
        "打印机不能打印文件",
    ]
    password = ["我忘记密码了", "怎么重置密码？", "重置密码的邮件没有收到", "密码错误，无法登录"]
    vpn = ["VPN连接失败", "公司VPN无法连接", "VPN连接很慢", "无法连接公司VPN"]
    names = name_topics([*printer, *password, *vpn], labels(4, 4, 4))
    assert "打印机" in names[0].terms
    assert "打印机" in names[0].title
    assert [name.title for name in names[1:]] == ["重置密码", "VPN连接"]
    assert any(names[0].title in text for text in printer)


def test_japanese_titles_do_not_begin_or_end_with_a_particle() -> None:
    """Particles and verb endings are only inside a title: "the reissue of the invoice"."""
    password = [
        "パスワードを忘れました", "パスワードの再設定ができません",
        "パスワードの再設定のメールが届かない", "パスワードを再設定したい",
    ]  # fmt: skip
    invoice = [
        "請求書の金額が間違っています", "請求書が届いていません",
        "請求書の再発行をお願いします", "先月の請求書の再発行をしてください",
    ]  # fmt: skip
    titles = [name.title for name in name_topics([*password, *invoice], labels(4, 4))]
    assert titles == ["パスワードの再設定", "請求書の再発行"]


def test_vowel_signs_do_not_split_a_word() -> None:
    """Words with vowel signs stay whole, for example in Hindi and Thai."""
    hindi = ["मैं अपना पासवर्ड भूल गया", "पासवर्ड रीसेट कैसे करें", "मेरा पासवर्ड रीसेट नहीं हो रहा"]
    thai = ["ลืมรหัสผ่าน", "รีเซ็ตรหัสผ่านไม่ได้", "รหัสผ่านไม่ถูกต้อง"]
    reset, password = name_topics([*hindi, *thai], labels(3, 3))
    assert reset.title.endswith("पासवर्ड रीसेट")
    assert "รหัสผ่าน" in password.terms


GERMAN = [
    "Der VPN-Client startet und verbindet sich nicht", "Die VPN-Verbindung bricht ständig ab",
    "Mein VPN verbindet sich nicht mehr", "Der VPN-Client verbindet sich nicht",
]  # fmt: skip
SPANISH = [
    "No puedo iniciar sesión en la aplicación", "La aplicación no me deja iniciar sesión",
    "Error al iniciar sesión", "¿Por qué no puedo iniciar sesión con mi correo?",
]  # fmt: skip
FRENCH = [
    "Je veux annuler mon abonnement", "Comment annuler l'abonnement ?",
    "L’abonnement a été renouvelé sans accord", "Annuler mon abonnement s'il vous plaît",
]  # fmt: skip
ARABIC = [
    "نسيت كلمة المرور الخاصة بي", "كيف يمكنني إعادة تعيين كلمة المرور؟",
    "لا أستطيع تغيير كلمة المرور", "كلمة المرور لا تعمل",
]  # fmt: skip
MIXED = [
    "VPN does not connect", "VPN verbindet sich nicht", "El VPN no conecta", "le VPN ne marche pas",
    "The VPN is down",
]  # fmt: skip


@pytest.mark.parametrize(
    "texts", [GERMAN, SPANISH, FRENCH, ARABIC, MIXED], ids=["de", "es", "fr", "ar", "mixed"]
)
@pytest.mark.parametrize("times", [1, 10])
def test_titles_of_a_small_backlog_do_not_begin_or_end_with_a_stop_word(
    texts: list[str], times: int
) -> None:
    """In any language, with four tickets or fifty, as the only topic or beside another."""
    alone = name_topics(texts * times, labels(len(texts) * times))
    beside = name_topics([*PRINTER, *texts * times], labels(3, len(texts) * times))
    stop_words = stop_word_languages()
    own = {"de", "es", "fr", "ar", "en"}
    for name in (*alone, *beside):
        title = without_various(fold(name.title))
        if title in {fold(text).rstrip("? ") for text in texts} | {fold(one) for one in PRINTER}:
            continue
        if any(fold(text).lstrip("¿").startswith(title) for text in texts):
            continue  # a sentence begins as it does
        words = title.split()
        first, last = words[0], words[-1]
        assert not own & set(stop_words.get(first, ()))
        is_whole = any(fold(text).rstrip("? ").endswith(title) for text in texts)
        assert is_whole or not own & set(stop_words.get(last, ()))


def test_stop_words_of_a_rare_language_are_no_terms() -> None:
    """ "nicht" is no term of the only German topic, although no other topic has it."""
    subjects = ("printer jam", "door lock", "parcel late", "vpn drops", "screen flickers",
                "invoice total", "camera feed", "battery empty", "password reset")  # fmt: skip
    texts = [f"the {subject} is not fixed on floor {n}" for subject in subjects for n in range(4)]
    texts += [
        f"Der Hub verbindet sich nicht mit dem WLAN {room}" for room in ("oben", "unten", "hier")
    ]
    labels = np.repeat(np.arange(10), [4] * 9 + [3])
    name = name_topics(texts, labels)[9]
    words = {word.casefold() for term in (*name.terms, name.title) for word in term.split()[:1]}
    assert not words & {"der", "sich", "nicht", "mit", "dem"}
    assert "Hub" in " ".join(name.terms)


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (
            ["Der Scanner scannt nicht", "Der Scanner in Ulm scannt nicht", "Scanner scannt nicht"],
            "Scanner scannt nicht",
        ),
        (
            ["Der Toaster heizt nicht mehr", "Toaster heizt nicht mehr", "Toaster heizt nicht"],
            "Toaster heizt nicht mehr",
        ),
        (
            ["La lámpara ya no enciende", "Mi lámpara ya no enciende", "lámpara ya no enciende"],
            "Lámpara ya no enciende",
        ),
        (
            ["The lamp does not light", "My lamp does not light", "lamp does not light"],
            "Lamp does not light",
        ),
    ],
)  # fmt: skip
def test_a_name_denies_what_its_tickets_deny(texts: list[str], title: str) -> None:
    """A German sentence may begin with "der", which joins nouns elsewhere."""
    others = [f"an invoice lacks the total of order {one}" for one in "abcd"]
    name, *_ = name_topics([*texts, *others], np.repeat([0, 1], [len(texts), len(others)]))
    assert name.title == title


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuánto tarda un reembolso?", "¿Cuáles son los motivos de un reembolso?",
        "¿Quiénes pueden pedir un reembolso?", "¿Adónde va un reembolso?",
        "¿Qué es un reembolso?", "¿Qué tarjeta recibe un reembolso?",
        "¿Por qué tarda un reembolso?",
    ],
)  # fmt: skip
def test_spanish_questions_have_their_marks(question: str) -> None:
    """Whatever word asks."""
    texts = [question, question, f"{question[:-1]} a mi tarjeta?"]
    others = ["No puedo ver la factura", "La factura no es correcta", "Falta la factura de mayo"]
    assert name_topics([*texts, *others], labels(3, 3))[0].title == question


@pytest.mark.parametrize(
    "question",
    [
        "Wohin geht eine Erstattung?", "Womit beantrage ich eine Erstattung?",
        "Wem gehört eine Erstattung?", "Wen frage ich nach einer Erstattung?",
        "Welchen Betrag hat eine Erstattung?", "Wieviel kostet eine Erstattung?",
    ],
)  # fmt: skip
def test_german_questions_have_their_marks(question: str) -> None:
    """Whatever word asks, and in which case."""
    texts = [question, question, f"{question[:-1]} auf meiner Karte?"]
    others = ["Ich sehe die Rechnung nicht", "Die Rechnung ist falsch", "Mir fehlt die Rechnung"]
    assert name_topics([*texts, *others], labels(3, 3))[0].title == question


@pytest.mark.parametrize(
    "text",
    [
        "Por favor revisen un reembolso lento", "El cliente dice que un reembolso tarda",
        "Que un reembolso tarda mucho",
    ],
)  # fmt: skip
def test_words_that_ask_elsewhere_lead_to_spanish_names(text: str) -> None:
    """As in "please", and in what somebody reports."""
    others = ["No puedo ver la factura", "La factura no es correcta", "Falta la factura de mayo"]
    title = name_topics([text] * 2 + [f"{text} otra vez"] + others, labels(3, 3))[0].title
    assert fold(title).split()[0] not in ("por", "que")
