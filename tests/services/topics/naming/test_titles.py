"""Names of topics: terms that tell them apart, titles in the tickets' own words, and examples."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.terms import fold
from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import unit
from services.topics.naming.titles import name_topics, representatives
from services.topics.naming.tokens import stop_word_languages
from tests.services.topics.conftest import Company

PRINTER = [
    "The office printer is jammed again.", "My office printer prints blank pages",
    "Can somebody look at the office printer?",
]  # fmt: skip
VPN = [
    "I can't connect to the VPN client.", "The VPN client asks for my password",
    "Since today the VPN client fails with E-1042",
]  # fmt: skip


def labels(*sizes: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the labels of topics that lie one after another."""
    return np.repeat(np.arange(len(sizes)), sizes)


def test_topics_are_named_by_what_tells_them_apart() -> None:
    """In a phrase that their tickets have."""
    printer, vpn = name_topics([*PRINTER, *VPN], labels(3, 3))
    assert printer.title == "office printer"
    assert vpn.title == "VPN client"
    assert printer.terms[0] == "office printer"
    assert not {fold(term) for term in printer.terms} & {"the", "my", "can", "again"}


def test_a_title_has_two_to_five_words_of_one_ticket() -> None:
    """As they are written there, from a telling word to a telling word."""
    texts = ["How to claim proof of address?", "Send me the proof of address", "PROOF OF ADDRESS!"]
    (name,) = name_topics([*texts, "proof of address lost"], labels(4))
    assert name.title == "proof of address"


def test_product_names_and_codes_stay_whole() -> None:
    """A code is one word, with its signs and in its case."""
    texts = [
        "PS-LX350H makes noise", "noise from the PS-LX350H", "PS-LX350H noise again",
        "update to 2.4.1 fails", "2.4.1 fails here too", "since 2.4.1 the update fails",
    ]  # fmt: skip
    first, second = name_topics(texts, labels(3, 3))
    assert "PS-LX350H" in " ".join(first.terms)
    assert "2.4.1" in " ".join(second.terms)


def test_no_two_topics_have_one_title() -> None:
    """Where they say the same, the next best phrase is taken."""
    texts = [*PRINTER, *PRINTER, *PRINTER]
    titles = [name.title for name in name_topics(texts, labels(3, 3, 3))]
    assert len({fold(title) for title in titles}) == 3
    equal = [name.title for name in name_topics(["help"] * 40, np.arange(40))]
    assert len(set(equal)) == 40


def test_words_that_say_nothing_are_left_out_in_other_languages() -> None:
    """German, Spanish and French at once, each by the words of its own language."""
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
    empty = {"ich", "mein", "la", "del", "no", "est", "de", "je", "das", "pas"}
    assert not empty & {fold(term) for name in names for term in name.terms}


def test_scripts_without_spaces_have_titles_too() -> None:
    """In whole words: what several tickets say, not any characters that stand side by side."""
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


def test_japanese_titles_have_no_ending_or_particle_at_their_ends() -> None:
    """Amid them they may: "the reissue of the invoice"."""
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


def test_vowel_signs_do_not_part_a_word() -> None:
    """Of Hindi and Thai, say."""
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
def test_no_title_of_a_small_backlog_begins_or_breaks_off_with_a_word_that_says_nothing(
    texts: list[str], times: int
) -> None:
    """Of its language, from four tickets to fifty, beside others and alone."""
    alone = name_topics(texts * times, labels(len(texts) * times))
    beside = name_topics([*PRINTER, *texts * times], labels(3, len(texts) * times))
    empty = stop_word_languages()
    own = {"de", "es", "fr", "ar", "en"}
    for name in (*alone, *beside):
        first, *_, last = fold(name.title).split()
        assert not own & set(empty.get(first, ()))
        is_whole = any(fold(text).rstrip("? ").endswith(fold(name.title)) for text in texts)
        assert is_whole or not own & set(empty.get(last, ()))


def test_a_title_is_not_cut_out_of_what_is_always_said_whole() -> None:
    """A part of a longer phrase is no title where the whole could be one."""
    texts = ["A European bank card fails", "Use of my European bank card", "European bank card fee"]
    (name,) = name_topics([*texts, "Is a European bank card fine?"], labels(4))
    assert name.title == "European bank card"


def test_what_several_tickets_say_is_a_better_title_than_what_one_says() -> None:
    """However rare its words are elsewhere."""
    texts = [
        "My parcel arrived late because of chaotic weather", "Again the parcel arrived late",
        "Parcel arrived late", "Parcel tracking odyssey",
    ]  # fmt: skip
    name, _ = name_topics([*texts, *VPN], labels(4, 3))
    assert fold(name.title) == "parcel arrived late"


def test_listed_words_that_all_topics_ask_with_are_no_titles() -> None:
    """A question word says nothing, though one topic has more of it; an order does."""
    things = ["router", "laptop", "badge", "monitor", "headset", "scanner", "keyboard", "phone",
              "charger", "tablet", "projector", "camera", "stapler", "locker", "adapter", "cable",
              "trolley", "plotter", "microphone", "webcam"]  # fmt: skip
    asked = [("where is", "gone"), ("who took", "away"), ("where was", "left")]
    texts = [f"{ask} my {thing} {end}" for thing in things for ask, end in asked]
    texts += ["I want to order a pizza", "order pizza for lunch", "who can order pizza"]
    names = name_topics(texts, labels(*[3] * 21))
    ends = {word for name in names for word in (name.title.split()[0], name.title.split()[-1])}
    assert not ends & {"where", "who", "is", "was", "my"}
    assert names[-1].title.startswith("order pizza")


def test_topics_that_say_nearly_the_same_have_titles_that_differ() -> None:
    """By more than an ending or the order of words."""
    texts = ["exchange rate", "the exchange rate today", "exchange rate of my card",
             "exchange rates", "the exchange rates", "exchange rates at weekends"]  # fmt: skip
    first, second = name_topics(texts, labels(3, 3))
    assert first.title == "exchange rate"
    assert "weekends" in second.title


def test_a_title_does_not_shout() -> None:
    """Where a ticket says it quietly."""
    texts = ["MY PRINTER PAPER IS GONE", "PRINTER PAPER", "printer paper jam", "printer paper?"]
    (name,) = name_topics(texts, labels(4))
    assert name.title == "printer paper"


def test_greetings_are_no_titles() -> None:
    """Nor what people ask with."""
    texts = [
        "Hi team, please help, my laptop is broken", "hello team, laptop broken again, thanks",
        "Hello, can you help? My laptop is broken",
    ]  # fmt: skip
    (name,) = name_topics(texts, labels(3))
    assert fold(name.title) in {"laptop broken", "laptop is broken"}


def test_a_huge_topic_is_named_from_a_part_of_it() -> None:
    """As its whole says, and soon."""
    many = [f"{text} {number}" for number in range(10_000) for text in PRINTER]
    name, _ = name_topics([*many, *VPN], labels(30_000, 3))
    assert "office printer" in name.title


def test_one_ticket_sent_over_and_over_does_not_name_its_topic() -> None:
    """It counts once."""
    spam = ["Congratulations dear winner"] * 50
    name, _ = name_topics([*spam, *PRINTER, *VPN], labels(53, 3))
    assert name.title == "office printer"


def test_nothing_has_no_names() -> None:
    """No tickets, or none in a topic; a topic of signs alone has its number."""
    assert name_topics([], np.array([], dtype=np.int64)) == []
    assert name_topics(["a printer"], np.array([-1])) == []
    (name,) = name_topics(["?!", "…"], labels(2))
    assert (name.terms, name.title) == ((), "#1")


# Any signs, and ones that a backlog in some language is made of.
SAID = st.text(max_size=60) | st.text("ab的打印机ノのกำรा'- .", max_size=40)


@given(st.lists(st.tuples(SAID, st.integers(-1, 4)), max_size=30))
def test_any_texts_give_names(rows: list[tuple[str, int]]) -> None:
    """One a topic, never empty, all different, and made of what was written or a number."""
    texts, of = [text for text, _ in rows], np.array([one for _, one in rows], dtype=np.int64)
    names = name_topics(texts, of)
    assert len(names) == of.max(initial=-1) + 1
    assert len({fold(name.title) for name in names}) == len(names)
    for number, name in enumerate(names):
        assert name.title.strip()
        own = " ".join(" ".join(text.split()) for text, one in rows if one == number)
        unnumbered = re.sub(r" \d+$", "", name.title)
        assert name.title in own or unnumbered in own or name.title.startswith("#")
        assert all(term in own for term in name.terms)


def test_an_exemplar_is_typical_and_the_others_differ() -> None:
    """The one nearest to the mean; then ones that say something else, none twice."""
    chance = np.random.default_rng(0)
    rows = unit(np.eye(1, 16, dtype=np.float32) + 0.1 * chance.normal(size=(20, 16)))
    rows = np.concatenate([rows, rows[:5]])
    centroid = unit(rows.mean(axis=0)[None])
    (shown,) = representatives(rows, np.zeros(25, dtype=np.int64), centroid)
    assert shown is not None
    assert shown.exemplar == int(np.argmax(rows @ centroid[0]))
    chosen = rows[[shown.exemplar, *shown.others]]
    assert len(shown.others) == 3
    assert (np.tril(chosen @ chosen.T, -1) < 0.999).all()


def test_a_small_topic_has_fewer_examples() -> None:
    """One ticket, or one said twice, is shown alone; no ticket shows nothing."""
    row = np.eye(1, 4, dtype=np.float32)
    twice = np.concatenate([row, row])
    found = representatives(twice, np.zeros(2, dtype=np.int64), twice)
    assert found[0] is not None
    assert found[0].others == ()
    assert found[1] is None


def test_the_sample_company_has_topics_with_names_that_their_tickets_use(company: Company) -> None:
    """Real vectors: a topic's title shares a word with most of its own tickets."""
    texts = company.texts
    found = cluster(company.vectors)
    names = name_topics(texts, found.labels)
    own, other = [], []
    for topic, name in enumerate(names):
        words = set(fold(name.title).split())
        said = [bool(words & set(fold(text).split())) for text in texts]
        own.append(np.mean(np.array(said)[found.labels == topic]))
        other.append(np.mean(np.array(said)[found.labels != topic]))
    assert np.mean(own) > 0.5
    assert np.mean(own) > 2 * np.mean(other)


def test_a_language_of_few_topics_keeps_its_function_words_out_of_the_terms() -> None:
    """One German topic among English ones: "nicht" stands nowhere else, and still tells nothing."""
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


PLACES = ("home", "the train", "Berlin", "the hotel", "the airport")
STANDINGS = (
    "I cannot connect to VPN from {}", "connect to VPN from {} fails", "Unable to connect to VPN",
    "How do I connect to VPN from {}?", "no way to connect to VPN at {}",
)  # fmt: skip


def test_a_title_does_not_break_off_where_a_sentence_goes_on() -> None:
    """With a preposition, or before an object that varies; it goes on to what most end with."""
    vpn = [text.format(place) for text, place in zip(STANDINGS, PLACES, strict=True)]
    sheets = ("paper", "labels", "sheets", "paper", "paper")
    printer = [f"The printer prints blank {sheet}" for sheet in sheets]
    badge = ["Badge not working", "my badge is not working", "Badge not working since Monday",
             "Why is my badge not working?"]  # fmt: skip
    names = name_topics([*vpn, *printer, *badge], labels(5, 5, 4))
    titles = [fold(name.title) for name in names]
    assert titles[0] == "connect to vpn"
    assert titles[1].endswith("prints blank paper")
    assert titles[2] in {"badge not working", "badge is not working"}


def test_numbers_of_single_tickets_name_no_topic() -> None:
    """What all have of it stays: the code of an error, the number of a product."""
    invoices = [f"Invoice {4711 + 37 * n} has the wrong amount" for n in range(6)]
    laptops = [f"Laptop PC-{100 + n} battery drains in {n} minutes" for n in range(6)]
    errors = [f"error 0x80070005 on floor {n} again, error 0x80070005" for n in range(6)]
    phones = [f"no mail on my iPhone 15 since {n} days" for n in range(6)]
    names = name_topics([*invoices, *laptops, *errors, *phones], labels(6, 6, 6, 6))
    said = [" ".join((name.title, *name.terms)) for name in names]
    assert not any(character.isdigit() for text in said[:2] for character in text)
    assert names[0].title == "Invoice has the wrong amount"
    assert "0x80070005" in names[2].title
    assert "iPhone 15" in names[3].title
    assert "iPhone 15" in names[3].terms


def test_topics_that_say_the_same_are_numbered() -> None:
    """Where the numbers of tickets are all that differs."""
    names = name_topics([f"vpn down {number}" for number in range(12)], labels(4, 4, 4))
    assert [name.title for name in names] == ["vpn down", "vpn down 2", "vpn down 3"]


def test_what_many_topics_say_alike_is_in_no_name() -> None:
    """Greetings, thanks and signatures, though no public list has their words."""
    subjects = ("printer jam", "parcel late", "vpn drops", "screen flickers", "invoice total")
    greetings = ("Hi folks", "Hello team", "Dear colleagues")
    ends = ("Any idea", "Urgent", "Kind regards, Anna")
    texts = [
        f"{greeting}, {subject}. {end}!"
        for subject in subjects
        for greeting, end in zip(greetings, ends, strict=True)
    ]
    names = name_topics(texts, labels(*[3] * 5))
    assert [name.title for name in names] == list(subjects)
    said = {word for name in names for term in name.terms for word in fold(term).split()}
    assert not said & {"folks", "team", "colleagues", "idea", "urgent", "anna", "regards"}


def test_what_most_topics_end_with_is_in_no_name() -> None:
    """Though no mark parts it from what is said."""
    subjects = (
        "Printer queue stuck",
        "Parcel is late",
        "VPN drops",
        "Screen flickers",
        "Door jams",
    )
    ends = ("please help", "this is urgent", "can somebody look at it", "Thanks", "again")
    texts = [f"{subject} {end}" for subject in subjects for end in ends]
    names = name_topics(texts, labels(*[len(ends)] * len(subjects)))
    said = {word for name in names for term in (name.title, *name.terms) for word in term.split()}
    assert not said & {"help", "urgent", "somebody", "look", "Thanks"}


def test_a_title_passes_over_the_numbers_of_single_tickets() -> None:
    """What is said around them is one phrase."""
    paid = [f"Invoice {4711 + 37 * n} was paid twice" for n in range(6)]
    locked = [f"my account is locked after {n + 3} attempts" for n in range(6)]
    names = name_topics([*paid, *locked], labels(6, 6))
    assert [name.title for name in names] == [
        "Invoice was paid twice",
        "account is locked after attempts",
    ]


def test_a_title_has_no_single_quotation_mark() -> None:
    """Where it is cut out of what somebody quotes."""
    texts = [f"AnyConnect hangs at 'connecting to gateway' on my {one}" for one in "ABCDEF"]
    (name,) = name_topics(texts, labels(6))
    assert "'" not in name.title
    (name,) = name_topics(["our customers' invoices vanished"] * 3, labels(3))
    assert "customers' invoices" in name.title


def test_a_topic_of_one_telling_word_is_called_by_what_is_said_around_it() -> None:
    """One word alone tells little."""
    texts = [f"the wifi does not show up on my {one}" for one in ("HP", "Mac", "Dell", "Asus")]
    others = [
        f"{one} does not show up on my list" for one in ("order", "invoice", "parcel", "bill")
    ]
    (name, _) = name_topics([*texts, *others], labels(4, 4))
    assert name.title == "wifi does not show up"


THINGS = st.sampled_from(["printer", "parcel", "VPN", "camera", "router", "badge"])
HAPPENS = st.sampled_from(["jammed", "flickers", "disconnects", "vanished", "overheats"])
AMID = st.sampled_from(["", "is", "in the", "from", "with a", "does not", "when I"])
TAILS = st.sampled_from(["", " from", " is", " with {}", " on floor {}", " again", " please {}"])


def test_a_topic_of_numbers_alone_has_its_own() -> None:
    """No ticket's."""
    (name,) = name_topics(["4711", "4712 and", "is 4713?"], labels(3))
    assert "471" not in name.title


@given(
    st.lists(
        st.tuples(AMID, THINGS, AMID, HAPPENS, TAILS, st.integers(0, 3)), min_size=4, max_size=24
    )
)
def test_titles_have_words_that_tell_something_and_no_number_of_one_ticket(
    rows: list[tuple[str, str, str, str, str, int]],
) -> None:
    """At their ends and, where a ticket has two, at least two words and at most five."""
    texts = [
        f"{before} {thing} {amid} {happens}{tail.format(1000 + number)}"
        for number, (before, thing, amid, happens, tail, _) in enumerate(rows)
    ]
    of = np.array([topic for *_, topic in rows], dtype=np.int64)
    empty = stop_word_languages()
    for topic, name in enumerate(name_topics(texts, of)):
        own = [fold(text) for text, one in zip(texts, of, strict=True) if one == topic]
        if not own:
            continue
        words = fold(name.title).split()
        assert "en" not in empty.get(words[0], ())
        ends = any(text.endswith(words[-1]) for text in own)
        assert ends or "en" not in empty.get(words[-1], ())
        assert len(own) == 1 or not any(word.isdigit() for word in words)
        assert 2 <= len(words) <= 5 or len(set(own)) < 4
