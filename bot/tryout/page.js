// What local-slack's page lacks of Slack: fields that show what they hold, buttons and menus in
// forms, the message menu, and the age of sample messages. It stands before the page's own script,
// and reads and changes what that sends and receives.
"use strict";
(() => {
  const { socket, shortcuts, times } = window.TRYOUT;
  let connection = null;
  let users = [];
  let form = null; // the view on top, as the bot sent it
  const messages = new Map(); // by their ts

  const actor = () => document.querySelector(".actas select")?.value;

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // ---- The connection

  window.WebSocket = class extends WebSocket {
    constructor() {
      super(socket);
      connection = this;
    }

    set onmessage(listener) {
      super.onmessage = (event) => {
        listener({ data: JSON.stringify(received(JSON.parse(unescaped(event.data)))) });
        draw();
      };
    }

    send(text) {
      super.send(JSON.stringify(sending(JSON.parse(text))));
    }
  };

  // The page escapes what Slack's texts have escaped already.
  function unescaped(text) {
    return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  }

  function received(update) {
    if (update.t === "init") {
      users = update.state.users;
      update.state.channels.forEach(nameDirect);
      for (const one of Object.values(update.state.messages).flat()) messages.set(one.ts, one);
      update.state.modalStack = shown(update.state.modalStack);
    } else if (update.t === "message") {
      messages.set(update.message.ts, update.message);
    } else if (update.t === "channel") {
      nameDirect(update.channel);
    } else if (update.t === "view") {
      update.stack = shown(update.stack);
    }
    return update;
  }

  // The page names a direct message after its first member that is no bot.
  function nameDirect(channel) {
    if (channel.is_im) channel.members = ["Déjà", ...channel.members];
  }

  function sending(update) {
    if (update.t === "view_submit" && form) update.values = readForm();
    return update;
  }

  // The bot gets `payload` with the trigger and the answer's address of a click.
  function relay(payload, channel = "", messageTs = "") {
    const action = { type: "button", action_id: "deja_tryout", value: JSON.stringify(payload) };
    connection.send(
      JSON.stringify({ t: "block_action", channel, messageTs, user: actor(), action }),
    );
  }

  // ---- Forms: the page draws an empty section for each field, which is filled here

  function shown(stack) {
    form = stack.at(-1) ?? null;
    const fieldless = (block) =>
      block.type === "input" ? { type: "section", block_id: block.block_id } : block;
    return stack.map((view) => ({ ...view, blocks: view.blocks.map(fieldless) }));
  }

  function drawForm() {
    const drawn = document.querySelector(".modal-body .blocks")?.children;
    if (!form || !drawn) return;
    form.blocks.forEach((block, number) => {
      const place = drawn[number];
      if (block.type !== "input" || !place || place.dataset.hash === form.hash) return;
      place.dataset.hash = form.hash;
      place.className = "bk-input";
      const label = make("div", { className: "bk-label", textContent: block.label.text });
      const control = CONTROLS[block.element.type](block.element, block);
      nameControl(control, block.label.text);
      const hint = make("div", { className: "bk-hint", textContent: block.hint?.text ?? "" });
      place.replaceChildren(label, control, hint);
    });
  }

  // A group of boxes has a name of its own beside those of its boxes.
  function nameControl(control, name) {
    const field = control.querySelector("input:not([type=radio], [type=checkbox]), select, textarea");
    (field ?? control).setAttribute("aria-label", name);
    if (!field) control.setAttribute("role", "group");
  }

  const CONTROLS = {
    plain_text_input(element) {
      const tag = element.multiline ? "textarea" : "input";
      return make(
        "div",
        {},
        make(tag, {
          className: "bk-plain-input",
          value: element.initial_value ?? "",
          maxLength: element.max_length ?? 3000,
          placeholder: element.placeholder?.text ?? "",
          rows: 3,
        }),
      );
    },
    static_select(element) {
      const select = make("select", { className: "bk-select" });
      if (!element.initial_option) select.append(new Option(element.placeholder?.text ?? "", ""));
      for (const { text, value } of element.options) select.append(new Option(text.text, value));
      select.value = element.initial_option?.value ?? "";
      return make("div", {}, select);
    },
    radio_buttons: (element, block) =>
      boxes("radio", block, element.options, element.initial_option ? [element.initial_option] : []),
    checkboxes: (element, block) =>
      boxes("checkbox", block, element.options, element.initial_options ?? []),
    multi_users_select(element, block) {
      const people = users.filter((one) => !one.is_bot);
      const options = people.map((one) => ({ text: { text: one.real_name }, value: one.id }));
      const chosen = (element.initial_users ?? []).map((value) => ({ value }));
      const list = boxes("checkbox", block, options, chosen);
      list.classList.add("tryout-people");
      return list;
    },
    external_select(element, block) {
      const found = make("div", { className: "bk-options" });
      const search = make("input", {
        className: "bk-plain-input",
        placeholder: element.placeholder?.text ?? "",
      });
      let waiting = 0;
      search.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(async () => {
          if (search.value.length < element.min_query_length) return;
          const options = await suggestions(element, block, search.value);
          found.replaceChildren(...boxes("radio", block, options, []).children);
        }, 300);
      });
      return make("div", {}, search, found);
    },
  };

  function boxes(type, block, options, chosen) {
    const ticked = new Set(chosen.map((one) => one.value));
    const labels = options.map(({ text, value, description }) => {
      const box = make("input", { type, name: block.block_id, value, checked: ticked.has(value) });
      const more = description ? ` – ${description.text}` : "";
      return make("label", {}, box, ` ${text.text}`, make("span", { className: "bk-hint" }, more));
    });
    return make("div", { className: "bk-options" }, ...labels);
  }

  async function suggestions(element, block, value) {
    const { action_id } = element;
    const body = { type: "block_suggestion", action_id, block_id: block.block_id, value };
    const asked = { ...body, user: { id: actor() }, view: form };
    const answer = await fetch("/tryout/suggestions", { method: "POST", body: JSON.stringify(asked) });
    return (await answer.json()).options ?? [];
  }

  function readForm() {
    const drawn = document.querySelector(".modal-body .blocks").children;
    const values = {};
    form.blocks.forEach((block, number) => {
      if (block.type !== "input") return;
      const { type, action_id } = block.element;
      const state = { type, ...readControl(block.element, drawn[number]) };
      values[block.block_id] = { [action_id]: state };
    });
    return values;
  }

  function readControl(element, place) {
    const ticked = [...place.querySelectorAll("input:checked")].map((box) => box.value);
    const among = (value) => (element.options ?? []).find((one) => one.value === value) ?? null;
    switch (element.type) {
      case "plain_text_input":
        return { value: place.querySelector("input, textarea").value || null };
      case "static_select":
        return { selected_option: among(place.querySelector("select").value) };
      case "radio_buttons":
        return { selected_option: among(ticked[0]) };
      case "checkboxes":
        return { selected_options: ticked.map(among) };
      case "multi_users_select":
        return { selected_users: ticked };
      default: {
        const text = place.querySelector("input:checked")?.parentElement.textContent.trim();
        return { selected_option: text ? { text: { text }, value: ticked[0] } : null };
      }
    }
  }

  // Buttons and menus of a form, which the page itself does not pass on.
  // Clicks are seen on their way down: the page lets none out of a form.
  const onClick = ({ target }) => {
    const button = target.closest(".modal-body .bk-button");
    if (button) act(button);
  };
  document.addEventListener("click", onClick, { capture: true });

  document.addEventListener("change", ({ target }) => {
    if (!target.matches(".bk-overflow")) return;
    if (target.closest(".modal-body")) act(target);
    // The same can be chosen again, and the dots stay. The page itself reads the choice first.
    setTimeout(() => (target.selectedIndex = 0));
  });

  // The bot gets the element of the form that is drawn as `control`, with what is chosen there.
  function act(control) {
    const drawn = control.closest(".modal-body .blocks > *");
    const block = form.blocks[[...drawn.parentElement.children].indexOf(drawn)];
    const pressed = block.accessory ?? block.elements[[...drawn.children].indexOf(control)];
    const selected_option = pressed.options?.find((one) => one.value === control.value);
    const actions = [{ ...pressed, selected_option, block_id: block.block_id }];
    const container = { type: "view", view_id: form.id };
    relay({ type: "block_actions", view: form, container, actions });
  }

  // ---- Messages: their age, their menu, and who sees them

  const DAY = { day: "numeric", month: "short" };
  const CLOCK = { hour: "2-digit", minute: "2-digit" };

  function drawMessages() {
    for (const message of document.querySelectorAll(".msg[data-ts]")) {
      const { ts } = message.dataset;
      const recipient = messages.get(ts)?.ephemeral_to;
      message.hidden = Boolean(recipient) && recipient !== actor();
      if (ts in times) setTime(message.querySelector(".msg-time"), times[ts]);
      const summary = message.querySelector(".thread-summary-time");
      if (summary && ts in times) summary.hidden = true; // it has the time of the start
      if (!recipient) addMenu(message);
    }
  }

  function setTime(place, seconds) {
    const when = new Date(seconds * 1000);
    const text = `${when.toLocaleDateString([], DAY)}, ${when.toLocaleTimeString([], CLOCK)}`;
    if (place.textContent !== text) place.textContent = text;
  }

  function addMenu(message) {
    const row = message.querySelector(".msg-hover-actions");
    if (!row || row.querySelector(".tryout-menu")) return;
    const title = "More actions";
    const menu = make("select", { className: "msg-hover-btn tryout-menu", title });
    menu.setAttribute("aria-label", title);
    menu.append(new Option("⋮", ""), ...shortcuts.map((one) => new Option(one.name, one.callback_id)));
    menu.addEventListener("change", () => {
      const { ts } = message.dataset;
      const payload = { type: "message_action", callback_id: menu.value, message_ts: ts };
      relay(payload, messages.get(ts).channel, ts);
      menu.value = "";
    });
    row.append(menu);
  }

  function draw() {
    drawForm();
    drawMessages();
  }

  document.addEventListener("change", draw); // somebody else is acted as
  new MutationObserver(draw).observe(document, { childList: true, subtree: true });
})();
