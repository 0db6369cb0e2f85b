"""local-slack's page in a headless Chromium, used as a person uses it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MILLISECONDS = 60_000


def find_chromium() -> str | None:
    """Return the path of an installed Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass(frozen=True)
class SlackPage:
    """The page of a local Slack."""

    page: Page

    @property
    def thread(self) -> Locator:
        """The open thread."""
        return self.page.locator(".thread-pane")

    @property
    def answer(self) -> Locator:
        """The first message of the bot in the open thread."""
        return self.thread.locator(".msg", has=self.page.locator(".badge-app")).first

    def act_as(self, real_name: str) -> None:
        """Act as another user."""
        self.page.locator(".actas select").select_option(label=real_name)

    def open_channel(self, name: str) -> None:
        """Go to a channel."""
        self.page.locator(".sidebar-item", has_text=name).click()
        self.page.locator(".channel-title", has_text=name).wait_for()

    def say(self, text: str) -> Locator:
        """Post in the channel, and return the message."""
        self.type(text)
        message = self.message(text)
        message.wait_for()
        return message

    def command(self, text: str) -> Locator:
        """Type a command, and return the bot's answer."""
        answers = self.page.locator(".main .msg", has=self.page.locator(".badge-app"))
        before = answers.count()
        self.type(text)
        answer = answers.nth(before)
        answer.locator(".blocks").wait_for()
        return answer

    def edit(self, text: str, new_text: str) -> None:
        """Edit one's own message."""
        message = self.message(text)
        message.hover()
        message.get_by_title("Edit message").click()
        self.page.locator(".msg-edit-input").fill(new_text)
        self.page.get_by_role("button", name="Save").click()

    def reply(self, text: str) -> None:
        """Post in the open thread."""
        composer = self.thread.locator(".composer")
        composer.locator("textarea").fill(text)
        composer.get_by_role("button", name="Send").click()

    def type(self, text: str) -> None:
        """Type in the channel, and send it."""
        composer = self.page.locator(".main .composer")
        composer.locator("textarea").fill(text)
        composer.get_by_role("button", name="Send").click()

    def message(self, text: str) -> Locator:
        """Return the newest message of the channel with this text."""
        return self.page.locator(".main .msg", has_text=text).last

    def open_thread(self, text: str) -> None:
        """Open the thread of a message, once it has one."""
        self.message(text).locator(".thread-summary").click()
        self.answer.locator(".blocks").wait_for()

    def close_thread(self) -> None:
        """Close the thread."""
        self.thread.locator(".thread-x").click()
        self.thread.wait_for(state="detached")

    def press(self, label: str) -> None:
        """Press the answer's first button with this label."""
        self.answer.get_by_role("button", name=label, exact=True).first.click()

    def choose(self, label: str) -> None:
        """Choose from the answer's first menu that has this label."""
        menus = self.answer.locator("select.bk-overflow")
        option = self.page.locator("option", has_text=label)
        menus.filter(has=option).first.select_option(label=label)

    def widen_thread(self, by: int) -> None:
        """Drag the edge of the open thread to the left."""
        box = self.thread.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 1, box["y"] + 300)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] - by, box["y"] + 300, steps=4)
        self.page.mouse.up()


@contextmanager
def open_browser(chromium: str) -> Iterator[Browser]:
    """Start a headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def open_page(
    url: str,
    browser: Browser,
    *,
    width: int = 1280,
    height: int = 900,
    scale: float = 1,
    color_scheme: Literal["light", "dark"] = "light",
) -> Iterator[SlackPage]:
    """Open the page of a local Slack; sizes are in CSS pixels."""
    page = browser.new_page(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        color_scheme=color_scheme,
    )
    page.set_default_timeout(WAIT_MILLISECONDS)
    page.goto(url)
    page.locator(".sidebar-item").first.wait_for()
    yield SlackPage(page)
    page.close()
