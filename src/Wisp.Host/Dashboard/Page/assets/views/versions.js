// An app's versions, and how much of the requests each of them gets.

import { path } from "../api.js";
import { changeTraffic, rollBack } from "../changes.js";
import { guarded } from "../controls.js";
import { h, keyed, setText, setAttribute } from "../dom.js";
import { count, milliseconds, rate } from "../format.js";
import { live } from "../live.js";
import { load } from "../load.js";
import { Quiet, weightOf } from "../model.js";
import { session } from "../session.js";
import { when } from "../when.js";

const ShownAtFirst = 20;

export function versionsSection(app) {
    const problem = h("p", { class: "error", role: "alert" });
    const note = h("p", { class: "help" });
    const rows = h("tbody");
    const sum = h("output", { class: "sum", id: "traffic-sum" });
    const apply = guarded("deploy", h("button", { type: "submit", class: "primary", id: "apply-traffic" }, "Change traffic…"));
    const reset = h("button", { type: "button", class: "quiet", hidden: true, on: { click: () => { edits.clear(); show(); } } }, "Undo");
    const more = h("button", { type: "button", class: "quiet", hidden: true, on: { click: () => { isAll = true; show(); } } }, "Show all versions");
    const form = h("form", { class: "stack", novalidate: true, on: { submit } },
        h("div", { class: "panel" }, h("table", { class: "versions" },
            h("caption", { class: "unseen" }, `Versions of ${app}`),
            h("thead", null, h("tr", null,
                h("th", { scope: "col" }, "Version"), h("th", { scope: "col" }, "Deployed"), h("th", { scope: "col" }, "Digest"),
                ["Requests/s", "p99", "Errors", "Traffic, %"].map(text => h("th", { scope: "col", class: "number" }, text)),
                h("th", { scope: "col" }, h("span", { class: "unseen" }, "Action")))),
            rows)),
        more,
        h("div", { class: "form-end" }, sum, reset, apply.element));
    const edits = new Map();   // version → what was typed
    let versions = [];
    let traffic = [];
    let known = null;
    let isAll = false;

    live.addEventListener("live", showFigures);
    return {
        element: h("div", { class: "stack" }, problem, note, form),
        dispose: () => live.removeEventListener("live", showFigures),
        changed(now) {
            traffic = now?.traffic ?? [];
            setText(note, session.reason("deploy") ?? "");
            const key = now ? `${now.latest}` : null;
            if (now && key !== known) {
                known = key;
                load(path`/apps/${app}/versions`, problem, answer => {
                    versions = answer;
                    show();
                });
            }

            show();
        },
    };

    function show() {
        keyed(rows, isAll ? versions : versions.filter((one, i) => i < ShownAtFirst || weightOf(traffic, one.version) > 0), one => one.version, row);
        showFigures();
        more.hidden = isAll || versions.length <= ShownAtFirst;
        check();
    }

    function showFigures() {
        for (const one of rows.keyedRows?.values() ?? []) {
            one.figures();
        }
    }

    function row(one) {
        const version = one.version;
        const weight = h("input", {
            type: "number", min: 0, max: 100, step: 1, inputmode: "numeric",
            "aria-label": `Percent of requests for v${version}`, "aria-describedby": "traffic-sum",
            on: {
                input: () => {
                    edits.set(version, weight.value);
                    check();
                },
            },
        });
        const word = h("span");
        const all = guarded("deploy", h("button", { type: "button", on: { click: () => sendAll(version) } },
            word, h("span", { class: "unseen" }, ` v${version}`)));
        const current = h("span", { class: "tag", hidden: true }, "serving");
        const cell = label => h("td", { class: "number", "data-label": label });
        const cells = { rate: cell("Requests/s"), p99: cell("p99"), errors: cell("Errors") };
        return {
            element: h("tr", null,
                h("th", { scope: "row" }, `v${version}`, one.label ? h("span", { class: "source" }, one.label) : null, current),
                h("td", { "data-label": "Deployed" }, h("span", null, when(one.createdAt), ` by ${one.by}`)),
                h("td", { "data-label": "Digest" }, h("code", { title: one.digest }, one.digest.slice(0, 12))),
                cells.rate, cells.p99, cells.errors,
                h("td", { class: "number share-cell", "data-label": "Traffic, %" }, weight),
                h("td", { class: "action" }, all.element)),
            figures() {
                const now = live.now?.apps.get(app)?.versions.get(version) ?? Quiet;
                const isIdle = now === Quiet && weightOf(traffic, version) === 0;
                setText(cells.rate, isIdle ? "" : rate(now.requestsPerSecond));
                setText(cells.p99, isIdle ? "" : milliseconds(now.p99));
                setText(cells.errors, isIdle ? "" : count(now.errors));
                setAttribute(cells.errors, "data-alarm", now.errors > 0);
            },
            update() {
                const now = weightOf(traffic, version);
                current.hidden = now === 0;
                if (!edits.has(version)) {
                    weight.value = String(now);
                }

                setAttribute(weight, "readonly", session.reason("deploy") !== null);
                setText(word, isBefore(version) ? "Roll back…" : "Send all here…");
                all.update(now === 100 ? `v${version} gets all requests already.` : null);
            },
        };
    }

    /** Whether it is older than all that answer. */
    function isBefore(version) {
        return traffic.every(share => share.weight === 0 || share.version > version);
    }

    function sendAll(version) {
        if (isBefore(version)) {
            rollBack(app, version, live.apps?.find(one => one.name === app));
        } else {
            changeTraffic(app, traffic, [{ version, weight: 100 }], () => edits.clear());
        }
    }

    function shares() {
        return versions.map(({ version }) => ({
            version, weight: edits.has(version) ? parse(edits.get(version)) : weightOf(traffic, version),
        }));
    }

    /** Says whether what stands in the fields can be sent. */
    function check() {
        const all = shares();
        const total = all.reduce((added, one) => added + one.weight, 0);
        const isChanged = all.some(one => one.weight !== weightOf(traffic, one.version));
        const wrong = Number.isNaN(total) ? "Percents are whole numbers from 0 to 100."
            : total === 100 ? null : `The percents add up to ${total}, not to 100.`;
        setText(sum, isChanged ? wrong ?? "Adds up to 100 %." : "");
        sum.classList.toggle("bad", isChanged && wrong !== null);
        reset.hidden = !isChanged;
        apply.update(!isChanged ? "Change a percent first." : wrong);
        return isChanged && wrong === null ? all : null;
    }

    function submit(event) {
        event.preventDefault();
        const all = check();
        if (all && !session.reason("deploy")) {
            changeTraffic(app, traffic, all, () => edits.clear());
        }
    }
}

const parse = text => (/^\d{1,3}$/.test(text.trim()) && Number(text) <= 100 ? Number(text) : NaN);
