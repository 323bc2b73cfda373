// Asks the server for figures once a second, and remembers the last two minutes of them for the charts.

import { api, ApiError } from "./api.js";
import { liveFrom, Quiet } from "./model.js";

export const Seconds = 120;

const PeriodMilliseconds = 1000;
const SlowPeriods = 5;
// An answer that comes so many seconds late still speaks of them; a longer silence is a gap in the charts.
const LateSeconds = 4;
const WaitMilliseconds = [1000, 2000, 4000, 8000, 15000];

/** Events: "live" with new figures, "apps" with a new list of apps and status, "state" when the connection came or went. */
class Live extends EventTarget {
    state = "connecting";
    status = null;
    apps = null;
    now = null;
    lostSince = null;
    retryAt = null;

    #histories = new Map();
    #timer = null;
    #round = 0;
    #failures = 0;
    #isRunning = false;
    #isAsking = false;

    start() {
        if (!this.#isRunning) {
            this.#isRunning = true;
            document.addEventListener("visibilitychange", this.#onVisibility);
            this.#ask();
        }
    }

    stop() {
        this.#isRunning = false;
        document.removeEventListener("visibilitychange", this.#onVisibility);
        clearTimeout(this.#timer);
        this.#histories.clear();
        this.status = this.apps = this.now = this.lostSince = this.retryAt = null;
        this.#round = this.#failures = 0;
        this.#become("connecting");
    }

    /** Asks at once: after a change, or because somebody does not want to wait. */
    refresh() {
        this.#round = 0;
        clearTimeout(this.#timer);
        return this.#ask();
    }

    /** One sample for each of the last seconds, the newest last; of the whole server without a name. */
    history(app = "") {
        return this.#histories.get(app)
            ?? (app === "" ? new Array(Seconds).fill(null) : this.history().map(sample => (sample === null ? null : Quiet)));
    }

    // A tab that nobody sees asks for nothing; what it missed is a gap.
    #onVisibility = () => {
        if (!document.hidden && this.#isRunning) {
            this.refresh();
        }
    };

    async #ask() {
        if (this.#isAsking) {
            return;
        }

        this.#isAsking = true;
        try {
            const isSlowTurn = this.#round % SlowPeriods === 0;
            this.#round++;
            const [now, status, apps] = await Promise.all([
                api.get("/live"),
                isSlowTurn ? api.get("/status") : null,
                isSlowTurn ? api.get("/apps") : null,
            ]);
            if (!this.#isRunning) {
                return;
            }

            this.#failures = 0;
            this.lostSince = this.retryAt = null;
            this.#take(liveFrom(now));
            if (isSlowTurn) {
                this.status = status;
                this.apps = apps;
                this.#say("apps");
            }

            this.#become("live");
            this.#say("live");
            this.#again(PeriodMilliseconds);
        } catch (error) {
            if (this.#isRunning && !(error instanceof ApiError && error.status === 401)) {
                this.#fail(error);
            }
        } finally {
            this.#isAsking = false;
        }
    }

    #fail(error) {
        const wait = WaitMilliseconds[Math.min(this.#failures, WaitMilliseconds.length - 1)];
        this.#failures++;
        this.#round = 0;
        this.lostSince ??= new Date();
        this.retryAt = Date.now() + wait;
        this.error = error;
        this.#become("lost");
        this.#again(wait);
    }

    #again(wait) {
        clearTimeout(this.#timer);
        if (this.#isRunning && !document.hidden) {
            this.#timer = setTimeout(() => this.#ask(), wait);
        }
    }

    #become(state) {
        if (this.state !== state || state === "lost") {
            this.state = state;
            this.#say("state");
        }
    }

    #say(type) {
        this.dispatchEvent(new Event(type));
    }

    // The place of a sample is the second it belongs to, so that a pause shows as a gap of its length.
    #take(now) {
        const second = Math.floor(Date.now() / 1000);
        const passed = this.now === null ? 1 : Math.max(1, second - this.now.second);
        this.now = { ...now, second };
        const missed = Math.min(passed - 1, Seconds);
        const add = (name, figures) => this.#histories.set(
            name, [...this.history(name), ...new Array(missed).fill(missed < LateSeconds ? figures : null), figures].slice(-Seconds));
        for (const name of new Set([...this.#histories.keys(), ...now.apps.keys()])) {
            if (name !== "") {
                add(name, now.apps.get(name) ?? Quiet);
            }
        }

        add("", now.total);
    }
}

export const live = new Live();
