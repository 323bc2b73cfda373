// The latest invocations: all of them as a table of figures, or those that failed with why.

import { path } from "../api.js";
import { h, keyed } from "../dom.js";
import { bytes, milliseconds, plural } from "../format.js";
import { load, repeat } from "../load.js";
import { isFailed, outcomeOf, printable } from "../model.js";
import { toApp } from "../router.js";
import { when } from "../when.js";

const PeriodMilliseconds = 3000;
const Latest = 50;

export function invocationsSection(app, _place, failed) {
    const problem = h("p", { class: "error", role: "alert" });
    const empty = h("p", { class: "empty", hidden: true }, failed
        ? "No failed requests are remembered. They appear here with their backtraces."
        : "No requests yet.");
    const body = failed ? h("ol", { class: "failures" }) : h("tbody");
    const table = failed ? body : h("div", { class: "panel" }, h("table", { class: "invocations" },
        h("caption", { class: "unseen" }, `The latest requests to ${app}`),
        h("thead", null, h("tr", null, ["Time", "Request", "Outcome"].map(text => h("th", { scope: "col" }, text)),
            ["Version", "Wall", "CPU", "Memory", "Start"].map(text => h("th", { scope: "col", class: "number" }, text)))),
        body));
    const seen = new Set();
    const where = `${path`/apps/${app}/invocations`}?limit=${Latest}${failed ? "&failed=true" : ""}`;
    const asking = repeat(() => load(where, problem, show), PeriodMilliseconds);
    return { element: h("div", { class: "stack" }, problem, empty, table), dispose: asking.stop };

    function show(notable) {
        const records = failed ? notable.filter(isFailed) : notable;
        empty.hidden = records.length > 0;
        table.hidden = records.length === 0;
        // Numbers begin again with the process; the time tells two of them apart.
        keyed(body, records, record => `${record.number} ${record.started}`, record => {
            // Of a failure that comes again and again only one is unfolded.
            const isFirst = !seen.has(record.failure);
            seen.add(record.failure);
            return { element: failed ? failure(app, record, isFirst) : row(app, record) };
        });
    }
}

const what = record => printable(record.trigger === "cron" ? `cron ${record.route ?? ""}` : `${record.method ?? ""} ${record.target ?? ""}`);

function outcome(record) {
    return h("span", { class: `outcome${isFailed(record) ? " bad" : ""}` }, outcomeOf(record));
}

function row(app, record) {
    const cold = record.wakeMs !== undefined && record.wakeMs !== null;
    const cell = (label, text) => h("td", { class: "number", "data-label": label }, text);
    return h("tr", null,
        h("td", { class: "time" }, when(record.started)),
        h("td", { class: "request" }, h("a", { href: toApp(app, "logs", { invocation: record.number }), title: what(record) }, what(record))),
        h("td", { class: "outcome-cell" }, outcome(record)),
        cell("Version", record.version ? `v${record.version}` : ""),
        cell("Wall", milliseconds(record.wallMs)),
        cell("CPU", milliseconds(record.cpuMs)),
        cell("Memory", bytes(record.memoryBytes)),
        cell("Start", cold ? `cold, ${milliseconds(record.wakeMs)}` : "warm"));
}

function failure(app, record, isFirst) {
    const text = record.failure ?? (record.limit ? `Ended by its limit ${record.limit}.` : `The program itself answered ${outcomeOf(record)}.`);
    const [first, ...rest] = printable(text).split("\n");
    const denied = record.denied?.length ?? 0;
    return h("li", { class: "panel failure" },
        h("details", { open: isFirst && rest.length > 0 },
            h("summary", null,
                outcome(record),
                h("span", { class: "request" }, what(record)),
                when(record.started, { class: "time" }),
                h("span", { class: "reason" }, first)),
            rest.length > 0 ? h("pre", { class: "backtrace", tabindex: "0", "aria-label": "Backtrace" }, rest.join("\n")) : null),
        h("p", { class: "facts" },
            [`#${record.number}`, record.version ? `v${record.version}` : null, record.component, `wall ${milliseconds(record.wallMs)}`,
                `CPU ${milliseconds(record.cpuMs)}`, bytes(record.memoryBytes)].filter(part => part).join("  ·  "),
            h("a", { href: toApp(app, "logs", { invocation: record.number }) }, "Logs"),
            denied > 0 ? h("a", { href: toApp(app, "permissions") }, plural(denied, "denial")) : null));
}
