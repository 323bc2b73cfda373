// What programs asked for and did not get, each once, with the line that would allow it.

import { path } from "../api.js";
import { h, keyed, setText } from "../dom.js";
import { copyLine } from "../copy.js";
import { fullTime, moment, plural } from "../format.js";
import { load, repeat } from "../load.js";
import { denialFrom } from "../model.js";

const PeriodMilliseconds = 3000;
const Latest = 1000;

// "failed" gives the invocations that something is to be said about, which those that were denied something are.
export function permissionsSection(app) {
    const problem = h("p", { class: "error", role: "alert" });
    const list = h("ol", { class: "denials" });
    const empty = h("p", { class: "empty", hidden: true }, "Nothing was denied to the requests that are remembered.");
    const intro = h("p", { class: "help", hidden: true },
        "A line below goes into the component's table in wisp.toml. Deploying with it asks for what it adds, so it takes ",
        h("code", null, "wisp deploy --accept-permissions"), ".");
    const granted = h("div", { class: "stack" });
    const asking = repeat(() => load(`${path`/apps/${app}/invocations`}?limit=${Latest}&failed=true`, problem, show), PeriodMilliseconds);
    load(path`/apps/${app}`, problem, showGranted);
    return {
        element: h("div", { class: "stack" }, problem,
            h("section", { class: "stack" }, h("h3", null, "Denied"), empty, intro, list),
            h("section", { class: "stack" }, h("h3", null, "Granted"), granted)),
        dispose: asking.stop,
    };

    function show(records) {
        const denials = collect(records);
        empty.hidden = denials.length > 0;
        intro.hidden = !denials.some(one => one.toAllow);
        keyed(list, denials, one => one.key, denial);
    }

    function showGranted(detail) {
        granted.replaceChildren(...(detail.components ?? []).map(component => h("div", { class: "panel padded" },
            h("h4", null, component.name),
            component.permissions?.length
                ? h("pre", { class: "lines", tabindex: "0", "aria-label": `Permissions of ${component.name}` }, component.permissions.join("\n"))
                : h("p", { class: "help" }, "Nothing: no files, no network, no variables of the environment."))));
    }
}

/** The same denial of many requests, once; the records come with the newest first. */
function collect(records) {
    const found = new Map();
    for (const record of records) {
        for (const json of record.denied ?? []) {
            const one = denialFrom(json);
            const key = JSON.stringify([record.component, one.action, one.toAllow]);
            const known = found.get(key);
            if (known) {
                known.requests++;
            } else {
                found.set(key, { ...one, key, component: record.component, requests: 1, last: record.started, version: record.version });
            }
        }
    }

    return [...found.values()];
}

function denial(one) {
    const facts = h("p", { class: "facts" });
    const element = h("li", { class: "panel padded denial" },
        h("p", { class: "denial-action" }, h("span", { class: "outcome bad" }, "denied"), h("code", null, one.action)),
        facts,
        one.toAllow
            ? [h("p", { class: "label" }, `To allow it, in [component.${one.component}]`), copyLine(one.toAllow, "Copy")]
            : h("p", { class: "help" }, "Nothing allows this: a path never leaves its directory. Grant the directory that it leads to."));
    return {
        element,
        update(now) {
            setText(facts, [now.component, now.version ? `v${now.version}` : null, now.askedBy ? `asked by ${now.askedBy}` : null,
                now.granted ? `granted: ${now.granted}` : null, plural(now.requests, "request"), `last ${moment(now.last)}`]
                .filter(part => part).join("  ·  "));
            facts.title = fullTime(now.last);
        },
    };
}
