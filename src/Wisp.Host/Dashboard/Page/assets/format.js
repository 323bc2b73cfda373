// Numbers, sizes and times as people read them. Times are in the browser's time zone.

export const Nothing = "–";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const seconds = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const clockWithMilliseconds = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3,
});
const dayAndClock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

const isNumber = value => typeof value === "number" && Number.isFinite(value);

/** Three digits are enough to compare two figures. */
function short(value) {
    if (value === 0) {
        return "0";
    }

    return value < 10 ? value.toFixed(value < 1 ? 2 : 1) : whole.format(value);
}

export function count(value) {
    return isNumber(value) ? whole.format(value) : Nothing;
}

export function rate(value) {
    return isNumber(value) ? short(value) : Nothing;
}

export function milliseconds(value) {
    if (!isNumber(value)) {
        return Nothing;
    }

    return value < 1000 ? `${short(value)} ms` : `${seconds.format(value / 1000)} s`;
}

export function bytes(value) {
    if (!isNumber(value)) {
        return Nothing;
    }

    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
        value /= 1024;
        unit++;
    }

    return `${Number.isInteger(value) ? value : short(value)} ${units[unit]}`;
}

export function duration(seconds) {
    if (!isNumber(seconds)) {
        return Nothing;
    }

    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (days > 0) {
        return `${days} d ${hours % 24} h`;
    }

    if (hours > 0) {
        return `${hours} h ${minutes % 60} min`;
    }

    return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

function parse(text) {
    const time = new Date(text);
    return text && !Number.isNaN(time.getTime()) ? time : null;
}

export const timeOfDay = text => write(clock, text);
export const timeOfLine = text => write(clockWithMilliseconds, text);
export const fullTime = text => write(full, text);

function write(format, text) {
    const time = parse(text);
    return time ? format.format(time) : Nothing;
}

/** Today the time is enough; before that the day counts. */
export function moment(text) {
    const time = parse(text);
    if (!time) {
        return Nothing;
    }

    return time.toDateString() === new Date().toDateString() ? clock.format(time) : dayAndClock.format(time);
}

export function plural(number, one, many = `${one}s`) {
    return `${count(number)} ${number === 1 ? one : many}`;
}
