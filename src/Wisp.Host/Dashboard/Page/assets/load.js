// What sections load, once or again and again while they are shown.

import { api, ApiError } from "./api.js";
import { setText } from "./dom.js";

/** Asks for something again and again while a section is shown. The time counts from the answer, so a slow server is not asked more. */
export function repeat(ask, periodMilliseconds) {
    let timer = null;
    let isOver = false;
    const round = async () => {
        clearTimeout(timer);
        if (!document.hidden) {
            await ask();
        }

        if (!isOver) {
            timer = setTimeout(round, periodMilliseconds);
        }
    };
    round();
    return {
        now: round,
        stop() {
            isOver = true;
            clearTimeout(timer);
        },
    };
}

/** Loads something for a section: what there is to show, or the line that says why not. */
export async function load(where, problem, show) {
    try {
        const answer = await api.get(where);
        setText(problem, "");
        show(answer);
    } catch (error) {
        // The notice at the top speaks of lost connections.
        setText(problem, error instanceof ApiError ? error.message : "");
    }
}
