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

/** Figures of an app that did nothing in the last minute: the server leaves those out. */
export const Quiet = figuresFrom({});

/** GET /live: figures of the whole server and of each app. */
export function liveFrom(json) {
    const list = json.apps ?? [];
    const apps = new Map(list.map(app => [app.app, { ...figuresFrom(app), versions: versionsFrom(app) }]));
    return { apps, total: figuresFrom(json.total ?? {}) };
}

const versionsFrom = app => new Map((app.versions ?? []).map(version => [version.version, figuresFrom(version)]));

/** Where an app can be seen: an address for each of its hosts, null for one that stands for many. */
export function addressesOf(hosts, addresses) {
    return (hosts ?? []).map(host => {
        const base = addresses?.[0];
        if (!base || host.includes("*") || !/^https?:/.test(base)) {
            return { host, url: null };
        }

        const url = new URL(base);
        url.hostname = host;
        return { host, url: url.href };
    });
}

/** Traffic as text: "v4 90 %, v5 10 %". */
export function trafficText(traffic) {
    const shares = traffic.filter(share => share.weight > 0);
    return shares.length === 0 ? "no version" : shares.map(share => `v${share.version} ${share.weight} %`).join(", ");
}

export const weightOf = (traffic, version) => traffic.find(share => share.version === version)?.weight ?? 0;

/** A denial: what was asked, and the line of wisp.toml that would allow it. */
export function denialFrom(json) {
    return {
        action: printable(json.action),
        askedBy: json.askedBy ? printable(json.askedBy) : null,
        granted: json.granted ?? null,
        toAllow: json.toAllowToml ?? json.toAllow ?? null,
    };
}

/** How an invocation came out, in a word or two. */
export function outcomeOf(record) {
    if (record.limit) {
        return `limit: ${record.limit}`;
    }

    return record.trigger === "cron" ? record.result ?? "" : String(record.status ?? "");
}

/** Whether it failed. A request that was only denied something did not. */
export const isFailed = record => record.failed === true;

/** A line of the log. Streams are stdout and stderr of a program; what the server says itself is of the host. */
export function lineFrom(json) {
    return {
        sequence: json.seq ?? 0,
        time: json.time ?? "",
        invocation: json.invocation ?? null,
        stream: json.stream === "stdout" || json.stream === "stderr" ? json.stream : "host",
        text: printable(json.text ?? ""),
    };
}
