"""Which task does each kind of job. A task may run twice: a worker may die after it ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.jobs import event_kinds as events
from bot.jobs import request_kinds as requests
from bot.jobs import source_kinds as sources
from bot.jobs import topic_kinds as topics
from bot.jobs import update_kinds as updates
from bot.jobs import upkeep_kinds as upkeep
from bot.jobs.kinds import BotJob, Lease
from bot.tasks.admin_notices import AdminNotices
from bot.tasks.answer_buttons import AnswerButtons
from bot.tasks.backfill import Backfill
from bot.tasks.burst_buttons import BurstButtons
from bot.tasks.channel_events import ChannelEvents
from bot.tasks.channel_setup import ChannelSetup
from bot.tasks.context import TaskContext
from bot.tasks.conversation import Conversation
from bot.tasks.digests import Digests
from bot.tasks.follow_ups import FollowUps
from bot.tasks.home_tab import HomeTab
from bot.tasks.image_vectors import ImageVectors
from bot.tasks.images import Images
from bot.tasks.ingest import Ingest
from bot.tasks.inspect_message import InspectMessage
from bot.tasks.mark_duplicate import MarkDuplicate
from bot.tasks.new_issues import NewIssues
from bot.tasks.overrides import Overrides
from bot.tasks.posted_replies import PostedReplies
from bot.tasks.product_answers import ProductAnswers
from bot.tasks.resolutions import Resolutions
from bot.tasks.retention import Retention
from bot.tasks.sent_tickets import SourceTickets
from bot.tasks.solved_notices import SolvedNotices
from bot.tasks.source_polls import SourcePolls
from bot.tasks.thread_answers import ThreadAnswers
from bot.tasks.topic_alerts import TopicAlerts
from bot.tasks.topic_changes import TopicChanges
from bot.tasks.topic_forms import TopicForms
from bot.tasks.topic_runs import TopicRuns
from bot.tasks.topic_steps import TOPIC_STEPS, TopicSteps
from bot.tasks.topic_summaries import TopicSummaries
from bot.tasks.upkeep import Upkeep
from bot.tasks.write_backs import WriteBacks
from services.job_rows import ClaimedJob

J = TypeVar("J", bound=BotJob)

# Does one job and returns the jobs that follow from it.
Task = Callable[[J, Lease, datetime], list[BotJob]]
# The same for many jobs at a time, and for jobs as they come from the queue.
BatchTask = Callable[[Sequence[J], datetime], list[BotJob]]
Handler = Callable[[Sequence[ClaimedJob], datetime], list[BotJob]]


@dataclass(frozen=True)
class Tasks(TaskContext):
    """The work of one workspace, by feature."""

    @property
    def ingest(self) -> Ingest:
        """Messages to tickets."""
        return Ingest(self.services, self.channels)

    @property
    def mark_duplicate(self) -> MarkDuplicate:
        """The shortcut *Mark as duplicate*."""
        return MarkDuplicate(self.services, self.channels, self.access)

    @property
    def resolutions(self) -> Resolutions:
        """What solved tickets."""
        return Resolutions(self.services, self.slack, self.channels, self.access)

    @property
    def conversation(self) -> Conversation:
        """Questions and their replies."""
        return Conversation(
            self.services, self.slack, self.channels, self.access, self.resolutions, self.replies
        )

    @property
    def replies(self) -> PostedReplies:
        """Replies that stand in Slack."""
        return PostedReplies(self.services, self.slack, self.channels, self.access)

    @property
    def answer_buttons(self) -> AnswerButtons:
        """The buttons of answers."""
        return AnswerButtons(self.services, self.slack, self.resolutions, self.access)

    @property
    def digests(self) -> Digests:
        """The weekly digests."""
        return Digests(self.services, self.slack)

    @property
    def solved_notices(self) -> SolvedNotices:
        """Notices that an issue is solved."""
        return SolvedNotices(self.services, self.slack)

    @property
    def inspect_message(self) -> InspectMessage:
        """The shortcuts *Inspect this message* and *Find similar*."""
        return InspectMessage(self.services, self.channels, self.access)

    @property
    def channel_events(self) -> ChannelEvents:
        """Channels that change."""
        return ChannelEvents(self.channels)

    @property
    def channel_setup(self) -> ChannelSetup:
        """The settings of channels."""
        return ChannelSetup(self.services, self.slack, self.channels, self.access)

    @property
    def new_issues(self) -> NewIssues:
        """Issues that people open in trackers."""
        return NewIssues(self.services, self.slack, self.channels, self.access)

    @property
    def topic_summaries(self) -> TopicSummaries:
        """The posted summaries of topics."""
        return TopicSummaries(self.services, self.slack)

    @property
    def topic_runs(self) -> TopicRuns:
        """Tickets grouped into topics."""
        return TopicRuns(self.services, self.channels, self.access, self.topic_summaries)

    @property
    def topic_changes(self) -> TopicChanges:
        """What people change about topics."""
        return TopicChanges(self.services, self.slack, self.channels, self.access)

    @property
    def topic_alerts(self) -> TopicAlerts:
        """Alerts to topics that rise."""
        return TopicAlerts(self.services, self.slack)

    @property
    def admin_notices(self) -> AdminNotices:
        """Notices for whoever runs the bot, and the nightly proof."""
        return AdminNotices(self.services, self.slack)

    @property
    def upkeep(self) -> Upkeep:
        """What is due by the clock."""
        return Upkeep(self.services, self.tokens, self.me.team_id)


HandlerOf = Callable[[Tasks], Handler]
# The kinds of jobs that the same threads run, and how each is run in a workspace.
HandlerGroup = Mapping[type[BotJob], HandlerOf]


def one_by_one(kind: type[J], task: Task[J]) -> Handler:
    """Return the handler that runs a task for one job of a kind after the other."""

    def run(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        return [
            follow_up
            for job in jobs
            for follow_up in task(kind.from_payload(job.key, job.payload), Lease.of(job), now)
        ]

    return run


def _together(
    kind: type[J], task_of: Callable[[Tasks], BatchTask[J]]
) -> tuple[type[BotJob], HandlerOf]:
    def handler_of(tasks: Tasks) -> Handler:
        task = task_of(tasks)
        return lambda jobs, now: task([kind.from_payload(j.key, j.payload) for j in jobs], now)

    return kind, handler_of


def _single(kind: type[J], task_of: Callable[[Tasks], Task[J]]) -> tuple[type[BotJob], HandlerOf]:
    return kind, lambda tasks: one_by_one(kind, task_of(tasks))


# The kinds whose jobs are run together: what is embedded and searched in one go.
BATCHED: HandlerGroup = dict(
    [
        _together(events.NewMessage, lambda tasks: tasks.ingest.store),
        _together(updates.ItemJudgement, lambda tasks: tasks.ingest.judge),
        # In one thread, so that the messages of a source stay in order.
        _together(sources.SentTickets, lambda tasks: SourceTickets(tasks.services).store),
    ]
)

# The kinds that wait for Slack, each job by itself.
SINGLE: HandlerGroup = dict(
    [
        # Slack's events
        _single(events.DeletedMessage, lambda tasks: tasks.ingest.forget),
        _single(events.UnreadImages, lambda t: Images(t.services, t.slack, t.channels).read),
        _single(events.NewImages, lambda t: ImageVectors(t.services, t.slack, t.channels).embed),
        _single(events.EditedReply, lambda tasks: tasks.resolutions.edit),
        _single(
            events.FollowUpReply, lambda tasks: FollowUps(tasks.services, tasks.slack).take_reply
        ),
        _single(events.Mention, lambda tasks: tasks.conversation.answer_mention),
        _single(events.SolvedMark, lambda tasks: tasks.resolutions.mark),
        _single(events.LateTicket, lambda tasks: tasks.resolutions.read_thread),
        _single(events.OverrideReaction, lambda t: Overrides(t.services, t.slack, t.channels).take),
        _single(events.BotInvited, lambda tasks: tasks.channel_setup.ask),
        _single(events.MemberJoined, lambda tasks: tasks.channel_events.note_member),
        _single(events.NewGuest, lambda tasks: tasks.channel_events.note_guest),
        _single(events.ChannelChange, lambda tasks: tasks.channel_events.follow_change),
        _single(
            events.HomeOpened,
            lambda tasks: HomeTab(tasks.services, tasks.slack, tasks.access).publish,
        ),
        _single(events.PaneOpened, lambda tasks: tasks.conversation.greet),
        # What people do
        _single(requests.SlashCommand, lambda tasks: tasks.conversation.answer_command),
        _single(requests.HelpClick, lambda tasks: tasks.conversation.show_all_help),
        _single(requests.ShareClick, lambda tasks: tasks.replies.share),
        _single(updates.PostedReplyUpdate, lambda tasks: tasks.replies.update),
        _single(requests.PrivateReply, lambda tasks: tasks.conversation.reply_privately),
        _single(requests.AnswerClick, lambda tasks: tasks.answer_buttons.take_click),
        _single(requests.DigestClick, lambda tasks: tasks.digests.take_click),
        _single(requests.SolvedNoticeClick, lambda tasks: tasks.solved_notices.take_click),
        _single(
            requests.BurstClick, lambda tasks: BurstButtons(tasks.services, tasks.slack).take_click
        ),
        _single(
            requests.ReportClick, lambda tasks: FollowUps(tasks.services, tasks.slack).take_click
        ),
        _single(requests.InspectShortcut, lambda tasks: tasks.inspect_message.inspect),
        _single(requests.SimilarShortcut, lambda tasks: tasks.inspect_message.similar),
        _single(requests.DuplicateForm, lambda tasks: tasks.mark_duplicate.mark),
        _single(requests.SolvedForm, lambda tasks: tasks.resolutions.take_form),
        _single(requests.ModeClick, lambda tasks: tasks.channel_setup.choose),
        _single(requests.IssueOpened, lambda tasks: tasks.new_issues.fill),
        _single(requests.IssueForm, lambda tasks: tasks.new_issues.create),
        _single(requests.SettingsOpened, lambda tasks: tasks.channel_setup.open),
        _single(requests.SettingsForm, lambda tasks: tasks.channel_setup.save),
        # What follows from that
        _single(
            updates.AnswerUpdate, lambda tasks: ThreadAnswers(tasks.services, tasks.slack).update
        ),
        _single(updates.RepostCheck, lambda tasks: tasks.solved_notices.check),
        _single(
            updates.ProductOffer,
            lambda tasks: ProductAnswers(tasks.services, tasks.slack, tasks.channels).offer,
        ),
        _single(updates.WeeklyDigest, lambda tasks: tasks.digests.post),
        _single(updates.DigestUpdate, lambda tasks: tasks.digests.update),
        _single(updates.SolvedNotice, lambda tasks: tasks.solved_notices.post),
        _single(updates.SolvedNoticeUpdate, lambda tasks: tasks.solved_notices.update),
        _single(updates.SetupUpdate, lambda tasks: tasks.channel_setup.update),
        # Topics
        _single(topics.TopicGrouping, lambda tasks: tasks.topic_runs.group),
        _single(topics.TopicOpened, lambda tasks: TopicForms(tasks.topic_changes).open),
        _single(topics.TopicStep, lambda tasks: TopicForms(tasks.topic_changes).step),
        *(_single(one, lambda t: TopicSteps(t.topic_changes).change) for one in TOPIC_STEPS),
        _single(topics.TopicChanged, lambda t: TopicSteps(t.topic_changes).tell),
        _single(topics.TopicHide, lambda tasks: TopicForms(tasks.topic_changes).hide),
        _single(topics.TopicUnhide, lambda tasks: TopicForms(tasks.topic_changes).unhide),
        _single(topics.TopicAnswer, lambda tasks: tasks.topic_changes.answer),
        _single(topics.TopicUndo, lambda tasks: tasks.topic_changes.undo),
        _single(topics.TopicShare, lambda tasks: TopicForms(tasks.topic_changes).share),
        _single(topics.SummaryUpdate, lambda tasks: tasks.topic_summaries.update),
        _single(topics.SummaryPicture, lambda tasks: tasks.topic_summaries.draw),
        _single(topics.SummaryCheck, lambda tasks: tasks.topic_summaries.check),
        _single(topics.DailyTopics, lambda tasks: tasks.topic_alerts.group),
        _single(topics.ChannelAlerts, lambda tasks: tasks.topic_alerts.alert),
        _single(topics.AlertUpdate, lambda tasks: tasks.topic_alerts.update),
        _single(topics.AlertCheck, lambda tasks: tasks.topic_alerts.check),
        # What is due by the clock
        _single(upkeep.Recalibration, lambda tasks: tasks.upkeep.calibrate),
        _single(upkeep.ProofRun, lambda tasks: tasks.admin_notices.prove),
        _single(upkeep.AdminNotice, lambda tasks: tasks.admin_notices.post),
        _single(upkeep.Sweep, lambda tasks: tasks.channel_events.sweep),
        _single(upkeep.GuestCheck, lambda tasks: tasks.channel_events.refresh_guests),
        _single(upkeep.RetentionRun, lambda tasks: Retention(tasks.services, tasks.slack).run),
        _single(upkeep.TokenRotation, lambda tasks: tasks.upkeep.rotate),
        _single(sources.SourcePoll, lambda tasks: SourcePolls(tasks.services).read),
        _single(sources.IssueMessage, lambda tasks: tasks.new_issues.show),
        _single(sources.IssueFollowing, lambda tasks: tasks.new_issues.follow),
        _single(sources.TrackerNote, lambda tasks: WriteBacks(tasks.services).write),
        _single(
            upkeep.BackfillPage,
            lambda tasks: (
                Backfill(tasks.services, tasks.slack.retrying_rate_limits(), tasks.me).read
            ),
        ),
    ]
)
