"""Texts of version 0.1.0 that may wait in a stored job, and what they are called now.

A reply to one person is stored as a phrase before it is sent. Remove an entry once no installation
upgrades from the version that stored it.
"""

from __future__ import annotations

RETIRED: dict[str, str] = {
    "Stored: the ticket is solved. Whoever asks the same is shown this answer.": (
        "Saved: the ticket is solved. Anyone with the same problem will see this answer."
    ),
    "Stored: the ticket is solved. Mark the reply that solved it to keep that, too.": (
        "Saved: the ticket is solved. To keep the solution as well, mark the reply that solved it."
    ),
    "I remember no ticket at the head of this thread.": (
        "I don't remember a ticket at the start of this thread. To see why, choose Inspect this "
        "message from the menu of its first message."
    ),
    "Taken back.": "Undone.",
    "That answer is gone.": "That answer no longer exists.",
    (
        "Say which ticket of this channel and, if you like, what solved it: /deja resolve "
        "LINK restart the spooler. In its thread: @deja resolve restart the spooler."
    ): (
        "Tell me which ticket in this channel is solved and, if you like, how: “/deja resolve "
        "LINK restart the spooler”. In the ticket's thread: “@deja resolve restart the spooler”."
    ),
    "Not stored: in this channel others decide. /deja settings says who may change that.": (
        "Not saved: only certain people decide in this channel. /deja settings shows who "
        "can change that."
    ),
    "Not stored: that would put two tickets together that somebody ruled out.": (
        "Not saved: this would join two tickets that someone marked as not duplicates."
    ),
    "I remember no such ticket that I may show here.": (
        "I don't remember any such ticket that I can show here."
    ),
    "I do not remember this message as a ticket. Inspect this message says why.": (
        "I don't remember this message as a ticket. To see why, choose Inspect this "
        "message from its menu."
    ),
    "That ticket is gone, or you may not read it.": (
        "That ticket no longer exists, or you can't read it."
    ),
    "Stored: they are the same issue. deja audit has it on record.": (
        "Saved: they are the same issue. deja audit keeps a record of it."
    ),
    "A ticket is no duplicate of itself.": "A ticket can't be a duplicate of itself.",
    "I am not in this channel. Invite me first, then share.": (
        "I'm not in this channel. Invite me first, then share."
    ),
    "I am off in this channel: nothing said here is remembered. /deja settings changes that.": (
        "I'm turned off in this channel and remember nothing said here. /deja "
        "settings changes that."
    ),
    "I do not remember this message any more.": "I no longer remember this message.",
    "There are no words in it to compare: a link or an emoji says nothing by itself.": (
        "The message has no words to compare: a link or an emoji alone says too little."
    ),
    (
        "Only whoever made this channel or invited me, and workspace admins, may change "
        "how I behave here."
    ): (
        "Only workspace admins and whoever created this channel or invited me can change "
        "how I work here."
    ),
    "The workspace was forgotten meanwhile.": "The workspace has been removed in the meantime.",
    "There is no ticket to group.": "There are no tickets to group.",
    "Others are grouping the same tickets. Try again in a moment.": (
        "Someone else is grouping the same tickets. Try again in a moment."
    ),
    "Topics are made of what all members read: they are for members alone.": (
        "Topics are built from what all members can read, so only members can see them."
    ),
    "I am grouping the tickets. The summary follows here.": (
        "I'm grouping the tickets. The summary will appear here."
    ),
    (
        "Say what to group, or nothing for all: /deja cluster 30d #helpdesk 12 takes the "
        "last 30 days of one channel in 12 topics."
    ): (
        "Tell me what to group, or nothing for everything: “/deja cluster 30d #helpdesk 12” groups "
        "the last 30 days of one channel into 12 topics. The word “keep” makes that number last."
    ),
    "I am not in this channel. Invite me first.": "I'm not in this channel. Invite me first.",
    (
        "That did not work: something is wrong on my side, and I gave up after several "
        "tries. It is on record for whoever runs me. Please try it again later."
    ): (
        "That didn't work: something went wrong on my side, and I gave up after several "
        "attempts. The error is logged for whoever runs me. Please try again later."
    ),
}
