// The log as it comes. Lines go to the page once a frame, and only so many stay, so that a program that writes without end keeps
// nothing but its own log busy. Screen readers are told what the log is and how it stands, not each line.

import { api, ApiError, path } from "../api.js";
import { h, setText, setAttribute } from "../dom.js";
import { count, fullTime, timeOfLine } from "../format.js";
import { lineFrom } from "../model.js";
import { here, toApp } from "../router.js";

const MaxKept = 5000;
const MaxShown = 1000;
const Tail = 200;
const WaitMilliseconds = [1000, 2000, 5000, 10000];

export function logsSection(app, place) {
    const invocation = place.parameters.get("invocation");
    const streams = ["all", "stdout", "stderr", "host"];
    const choice = h("fieldset", { class: "segments" }, h("legend", { class: "unseen" }, "Stream"),
        streams.map(name => h("label", null,
            h("input", { type: "radio", name: "stream", value: name, checked: name === "all", on: { change: again } }), h("span", null, name))));
    const words = h("input", { type: "search", "aria-label": "Show only lines that contain", placeholder: "Contains…", on: { input: again } });
    const number = h("input", {
        type: "search", inputmode: "numeric", class: "short", id: "log-invocation", "aria-label": "Show only this invocation",
        placeholder: "Invocation #", value: invocation ?? "", on: { change: byInvocation },
    });
    const pause = h("button", { type: "button", id: "pause", "aria-pressed": "false", on: { click: toggle } }, "Pause");
    const clear = h("button", { type: "button", class: "quiet", on: { click: () => { kept.length = 0; again(); } } }, "Clear");
    const state = h("p", { class: "help log-state", role: "status" });
    const problem = h("p", { class: "error", role: "alert" });
    const empty = h("p", { class: "empty" }, "Nothing yet. Lines that the programs write appear here.");
    const list = h("div", { class: "log", role: "log", "aria-live": "off", tabindex: "0", "aria-label": `Log of ${app}`, on: { scroll: onScroll } });
    const newest = h("button", { type: "button", class: "newest", hidden: true, on: { click: toNewest } }, "Newest lines ↓");
    const kept = [];
    const waiting = [];
    const stopping = new AbortController();
    let isPaused = false;
    let isAtEnd = true;
    let frame = null;
    let failures = 0;
    let last = null;

    follow();
    return {
        element: h("div", { class: "stack" }, problem,
            h("div", { class: "log-controls" }, choice, words, number, pause, clear),
            h("div", { class: "log-frame panel" }, empty, list, newest),
            state),
        dispose() {
            stopping.abort();
            cancelAnimationFrame(frame);
        },
    };

    async function follow() {
        while (!stopping.signal.aborted) {
            try {
                await api.lines(where(), stopping.signal, onOpen, take);
                sayState("The server ended the stream.");
            } catch (error) {
                if (stopping.signal.aborted) {
                    return;
                }

                if (error instanceof ApiError) {
                    setText(problem, error.message);
                    sayState("Not following.");
                    return;
                }

                sayState("The connection is lost. Trying to follow again.");
            }

            const wait = WaitMilliseconds[Math.min(failures++, WaitMilliseconds.length - 1)];
            await new Promise(done => setTimeout(done, wait));
        }
    }

    function where() {
        const query = new URLSearchParams({ follow: "true" });
        if (last) {
            query.set("since", last.time);
        } else {
            query.set("tail", String(Tail));
        }

        if (invocation) {
            query.set("invocation", invocation);
        }

        return `${path`/apps/${app}/logs`}?${query}`;
    }

    function onOpen() {
        failures = 0;
        sayState(null);
    }

    function take(json) {
        const line = lineFrom(json);
        // After a break the server begins with the time of the last line that came, so lines of that moment come again.
        if (last && line.time === last.time && line.sequence <= last.sequence) {
            return;
        }

        last = line;
        kept.push(line);
        if (kept.length > MaxKept * 1.1) {
            kept.splice(0, kept.length - MaxKept);
        }

        waiting.push(line);
        if (waiting.length > MaxShown) {
            waiting.shift();
        }

        frame ??= requestAnimationFrame(draw);
    }

    function draw() {
        frame = null;
        if (isPaused) {
            setText(pause, `Resume (${count(waiting.length)}${waiting.length === MaxShown ? "+" : ""} new)`);
            return;
        }

        const fresh = waiting.splice(0).filter(isWanted);
        if (fresh.length > 0) {
            list.append(...fresh.map(element));
            while (list.children.length > MaxShown) {
                list.firstChild.remove();
            }

            if (isAtEnd) {
                list.scrollTop = list.scrollHeight;
            } else {
                newest.hidden = false;
            }
        }

        showEmpty();
    }

    /** Shows what is kept by the filters as they are now. */
    function again() {
        waiting.length = 0;
        list.replaceChildren(...kept.filter(isWanted).slice(-MaxShown).map(element));
        toNewest();
        showEmpty();
    }

    function showEmpty() {
        empty.hidden = list.firstChild !== null;
        setText(empty, kept.length === 0 ? "Nothing yet. Lines that the programs write appear here." : "No line passes the filters.");
    }

    function isWanted(line) {
        const stream = choice.querySelector("input:checked").value;
        const word = words.value.toLowerCase();
        return (stream === "all" || line.stream === stream) && (word === "" || line.text.toLowerCase().includes(word));
    }

    function element(line) {
        return h("div", { class: "log-line", "data-stream": line.stream },
            h("time", { datetime: line.time, title: fullTime(line.time) }, timeOfLine(line.time)),
            line.invocation ? only(line.invocation) : h("span", { class: "log-number" }),
            h("span", { class: "log-stream" }, line.stream),
            h("span", { class: "log-text" }, line.text));
    }

    function only(one) {
        const where = toApp(app, "logs", { invocation: one });
        return h("a", { class: "log-number", href: where, title: "Only this invocation" }, `#${one}`);
    }

    function toggle() {
        isPaused = !isPaused;
        setAttribute(pause, "aria-pressed", String(isPaused));
        setText(pause, isPaused ? "Resume" : "Pause");
        sayState(null);
        if (!isPaused) {
            again();
        }
    }

    function byInvocation() {
        const wanted = number.value.replace(/[^0-9]/g, "");
        if (wanted !== (here().parameters.get("invocation") ?? "")) {
            location.hash = toApp(app, "logs", wanted === "" ? undefined : { invocation: wanted }).slice(1);
        }
    }

    function onScroll() {
        isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
        newest.hidden = newest.hidden || isAtEnd;
    }

    function toNewest() {
        isAtEnd = true;
        newest.hidden = true;
        list.scrollTop = list.scrollHeight;
    }

    function sayState(text) {
        const following = `Following${invocation ? ` invocation #${invocation}` : ""}.`;
        setText(state, text ?? (isPaused ? "Paused. New lines are kept until you resume." : following));
    }
}
