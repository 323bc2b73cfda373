// What the page reads out of the API's answers, where that is more than a field.

// Characters that move the cursor, turn the direction of what follows or cannot be seen would let a program write what looks like
// another line or another name.
const Unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text that a program or a client wrote, as it may be shown: line ends and tabs stay, the rest of what cannot be seen shows as �. */
export function printable(text) {
    return String(text).replace(Unseen, found => (found === "\n" || found === "\t" ? found : "\ufffd"));
}

const figuresFrom = json => ({
    requestsPerSecond: json.requestsPerSecond ?? 0,
    p50: json.p50Ms ?? null,
    p90: json.p90Ms ?? null,
    p99: json.p99Ms ?? null,
    errors: json.errors ?? 0,
    coldStarts: json.coldStarts ?? 0,
    denied: json.denied ?? 0,
});

/** GET /live: figures of the whole server and of each app. */
export function liveFrom(json) {
    const list = json.apps ?? [];
    const apps = new Map(list.map(app => [app.app, figuresFrom(app)]));
    return { apps, total: json.total ? figuresFrom(json.total) : sum([...apps.values()]) };
}

// Percentiles of several apps do not add up; the slowest app's are shown.
function sum(all) {
    const add = key => all.reduce((total, one) => total + one[key], 0);
    const most = key => all.reduce((top, one) => (one[key] === null ? top : Math.max(top ?? 0, one[key])), null);
    return {
        requestsPerSecond: add("requestsPerSecond"),
        p50: most("p50"),
        p90: most("p90"),
        p99: most("p99"),
        errors: add("errors"),
        coldStarts: add("coldStarts"),
        denied: add("denied"),
    };
}

/** Traffic as text: "v4 90 %, v5 10 %". */
export function trafficText(traffic) {
    const shares = traffic.filter(share => share.weight > 0);
    return shares.length === 0 ? "no version" : shares.map(share => `v${share.version} ${share.weight} %`).join(", ");
}

export const weightOf = (traffic, version) => traffic.find(share => share.version === version)?.weight ?? 0;

/** A denial: what was asked, and the line of wisp.toml that would allow it. The API sends either the parts or the text that the log
 *  shows, in which they stand behind their names. */
export function denialFrom(json) {
    if (typeof json !== "string") {
        return { action: printable(json.action), askedBy: json.askedBy ?? null, granted: json.granted ?? null, toAllow: json.toAllowToml ?? json.toAllow ?? null };
    }

    const after = pattern => printable(json).match(pattern)?.[1].trim() ?? null;
    const toAllow = after(/or in wisp\.toml: (.*)/) ?? after(/to allow +(.*)/);
    return {
        action: after(/denied: (.*)/) ?? printable(json).split("\n")[0],
        askedBy: after(/asked by +(.*)/),
        granted: after(/granted +(.*)/),
        toAllow: toAllow?.startsWith("nothing:") ? null : toAllow,
    };
}

/** How an invocation came out, in a word or two. */
export function outcomeOf(record) {
    if (record.limit) {
        return `limit: ${record.limit}`;
    }

    return record.trigger === "cron" ? record.result ?? "" : String(record.status ?? "");
}

export function isFailed(record) {
    return Boolean(record.failure || record.limit) || record.status >= 500
        || (record.trigger === "cron" && record.result !== "ok" && Boolean(record.result));
}

/** A line of the log. Streams are stdout and stderr of a program; what the server says itself is of the host. */
export function lineFrom(json) {
    const stream = json.stream ?? "host";
    return {
        time: json.time ?? "",
        invocation: json.invocation || null,
        version: json.version || null,
        stream: stream === "stdout" || stream === "stderr" ? stream : "host",
        level: json.level ?? (stream === "stderr" ? "error" : "info"),
        text: printable(json.text ?? json.message ?? ""),
    };
}
