"""Mail, and public sets of tickets, questions and support tweets."""

from __future__ import annotations

from services.intake.importers.layouts.layout import Layout, Values, marks
from services.text.words.word_lists import words

NOT_A_POST = "posts that are neither questions nor answers"
_QUESTION, _ANSWER = "1", "2"


def _other_post(values: Values) -> str | None:
    return None if str(values.get("PostTypeId")) in (_QUESTION, _ANSWER) else NOT_A_POST


KAGGLE = Layout(
    "kaggle",
    "customer support tickets (Kaggle)",
    (marks("ticket id", "ticket subject", "ticket description"),),
    {
        "id": ("ticket id",),
        "title": ("ticket subject",),
        "text": ("ticket description",),
        # It has none; "Time to Resolution" and "Date of Purchase" are other times.
        "created": ("created at", "ticket created", "created"),
        "resolved": (),
        "status": ("ticket status",),
        "answer": ("resolution",),
        "author": ("customer name",),
        "channel": (),
    },
)
MULTILINGUAL = Layout(
    "kaggle",
    "multilingual support tickets (Kaggle)",
    (marks("subject", "body", "answer", "queue"),),
    {"id": ("id", "ticket id"), "title": ("subject",), "text": ("body",), "answer": ("answer",)},
)
TWEETS = Layout(
    "twitter",
    "support tweets",
    (marks("tweet id", "author id", "inbound", "text"),),
    {
        "id": ("tweet id",),
        "title": (),
        "text": ("text",),
        "created": ("created at",),
        "author": ("author id",),
        "parent": ("in response to tweet id",),
        "answer": (),
        "replies": (),
        "status": (),
    },
)
STACK_EXCHANGE = Layout(
    "stackexchange",
    "Stack Exchange posts",
    (marks("id", "post type id", "body"),),
    {
        "id": ("id",),
        "title": ("title",),
        "text": ("body",),
        "created": ("creation date",),
        "author": ("owner display name", "owner user id"),
        "parent": ("parent id",),
        "resolved": (),
        "answer": (),
        "status": (),
        "replies": (),
    },
    skip=_other_post,
)
# Users tell of themselves, and revisions hold the texts of posts once more.
NO_POSTS = "rows of a Stack Exchange dump that are no posts"


def _skip_row(_values: Values) -> str:
    return NO_POSTS


STACK_EXCHANGE_OTHERS = Layout(
    "stackexchange",
    "Stack Exchange, beside the posts",
    (
        marks("id", "post id", "post history type id"),
        marks("id", "post id", "related post id", "link type id"),
        marks("id", "post id", "vote type id"),
        marks("id", "reputation", "display name"),
        marks("id", "user id", "name", "tag based"),
        marks("id", "tag name", "count"),
    ),
    skip=_skip_row,
)
AUTOMATIC = "automatic replies"


# Labels of Google's Takeout in the languages of the product.
_DISCARDED = words("spam trash papierkorb papelera corbeille bin")
DISCARDED = "mails in the spam folder or the bin"


def _no_ticket(values: Values) -> str | None:
    labels = str(values.get("X-Gmail-Labels") or "").lower().split(",")
    if _DISCARDED.intersection(label.strip(' "') for label in labels):
        return DISCARDED
    kind = str(values.get("Auto-Submitted") or "no").lower()
    return AUTOMATIC if kind.startswith("auto-replied") else None


MAIL = Layout(
    "mail",
    "mail",
    (marks("message id", "subject", "from", "text"),),
    {
        "id": ("message id",),
        "title": ("subject",),
        "text": ("text",),
        "created": ("date",),
        "author": ("from",),
        "parent": ("in reply to",),
        "resolved": (),
        "answer": (),
        "status": (),
        "replies": (),
    },
    skip=_no_ticket,
)
LAYOUTS = (MAIL, KAGGLE, MULTILINGUAL, TWEETS, STACK_EXCHANGE, STACK_EXCHANGE_OTHERS)
