/** Where the bars and marks of the picture of an actor's calls stand. Lengths are those of the picture. */
import type { ActorView, CallSlot, OurStep } from '../../api/answers';

export const WIDTH = 960;
export const HEIGHT = { whole: 190, base: 168, top: 34 };
/** Half the width of a mark. */
export const MARK = 5;
export const KINDS = [
    ['changes', 'Changes'],
    ['reads', 'Reads'],
    ['denied', 'Denied'],
    ['ours', 'Changed by CloudTrail Responder'],
] as const;
const STACKED = ['changes', 'reads', 'denied'] as const;

export interface Bar {
    kind: (typeof STACKED)[number];
    x: number;
    y: number;
    width: number;
    height: number;
    slot: CallSlot;
}

/** Bars of each kind on top of each other, and how many calls the highest stands for. */
export function barsOf(slots: CallSlot[]): { bars: Bar[]; most: number } {
    const most = Math.max(0, ...slots.map((slot) => slot.reads + slot.changes + slot.denied));
    const step = WIDTH / Math.max(1, slots.length);
    const bars: Bar[] = [];
    slots.forEach((slot, number) => {
        let y = HEIGHT.base;
        for (const kind of STACKED) {
            if (slot[kind] === 0) continue;
            // One call among thousands is still to be seen.
            const height = Math.max(2, (slot[kind] / most) * (HEIGHT.base - HEIGHT.top));
            y -= height;
            bars.push({ kind, x: number * step + 1, y, width: step - 2, height, slot });
        }
    });
    return { bars, most };
}

/** No mark is cut in half at the edge of the picture. */
const within = (x: number): number => Math.min(WIDTH - MARK, Math.max(MARK, x));

/** What we changed within the window, with its place. */
export function stepsOf({ since, until, steps }: ActorView): { x: number; step: OurStep }[] {
    return steps
        .filter(({ at }) => at >= since && at <= until)
        .map((step) => ({ x: within(((step.at - since) / (until - since)) * WIDTH), step }));
}
