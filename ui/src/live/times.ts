/** Times for people. All arguments are epoch seconds. */

const UNITS: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
];

/** How long: `3 d 4 h`, `2 h 5 min`, `45 min`; `less than a minute`. */
export function duration(seconds: number): string {
    return parts(seconds).slice(0, 2).join(' ') || 'less than a minute';
}

function parts(seconds: number): string[] {
    let left = Math.max(0, Math.floor(seconds));
    const found: string[] = [];
    for (const [name, size] of UNITS) {
        const count = Math.floor(left / size);
        if (count > 0) found.push(`${count} ${name}`);
        left -= count * size;
    }
    return found;
}

/** `5 min ago`, `in 2 h`, `just now`. */
export function relative(at: number, now: number): string {
    const past = now - at;
    if (Math.abs(past) < 60) return 'just now';
    const largest = parts(Math.abs(past))[0] ?? '';
    return past > 0 ? `${largest} ago` : `in ${largest}`;
}

/** `2026-11-29 08:15:04`, by the browser's clock and time zone. */
export function absolute(at: number): string {
    const date = new Date(at * 1000);
    const two = (value: number) => String(value).padStart(2, '0');
    const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
    return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function day(at: number): string {
    return absolute(at).slice(0, 10);
}
