"""Déjà's tables, column types and engine."""

from models.base import Base
from models.database import (
    MAX_STATEMENTS,
    Database,
    increment,
    insert_many,
    insert_new,
    insert_together,
    is_passing,
    upsert,
)
from models.embedding_models import EmbeddingModel, ModelDirections
from models.erasures import Erasure, RetentionRule
from models.images import ImageText, ImageVector
from models.installations import slack_bots, slack_oauth_states
from models.items import Embedding, FollowUp, Item, Part
from models.jobs import Job
from models.judgements import (
    Answer,
    Calibration,
    Outcome,
    Question,
    Resolution,
    ShownMatch,
    Verdict,
)
from models.many_values import is_among, many_ids, many_texts
from models.posted_replies import PostedReply, PostedReplyItem
from models.proofs import Problem, Proof
from models.sources import Connection, CreatedIssue, Source, WriteBack
from models.topic_edits import MergedItem, TopicAction, TopicEdit
from models.topics import Topic, TopicAlert, TopicInRun, TopicItem, TopicKind, TopicRun
from models.types import contains_term, epoch_seconds
from models.words import Document, Frequency, Neighbourhood, Pool, Profile
from models.workspaces import Change, Channel, ChannelSender, MessageOverride, Workspace

__all__ = [
    "MAX_STATEMENTS",
    "Answer",
    "Base",
    "Calibration",
    "Change",
    "Channel",
    "ChannelSender",
    "Connection",
    "CreatedIssue",
    "Database",
    "Document",
    "Embedding",
    "EmbeddingModel",
    "Erasure",
    "FollowUp",
    "Frequency",
    "ImageText",
    "ImageVector",
    "Item",
    "Job",
    "MergedItem",
    "MessageOverride",
    "ModelDirections",
    "Neighbourhood",
    "Outcome",
    "Part",
    "Pool",
    "PostedReply",
    "PostedReplyItem",
    "Problem",
    "Profile",
    "Proof",
    "Question",
    "Resolution",
    "RetentionRule",
    "ShownMatch",
    "Source",
    "Topic",
    "TopicAction",
    "TopicAlert",
    "TopicEdit",
    "TopicInRun",
    "TopicItem",
    "TopicKind",
    "TopicRun",
    "Verdict",
    "Workspace",
    "WriteBack",
    "contains_term",
    "epoch_seconds",
    "increment",
    "insert_many",
    "insert_new",
    "insert_together",
    "is_among",
    "is_passing",
    "many_ids",
    "many_texts",
    "slack_bots",
    "slack_oauth_states",
    "upsert",
]
